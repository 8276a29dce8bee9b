import { ref } from 'vue'

export type Theme = 'auto' | 'light' | 'dark'

const REMEMBERED = 'cadencia.theme'
const ORDER: Theme[] = ['auto', 'light', 'dark']

function remembered(): Theme {
  const held = localStorage.getItem(REMEMBERED) as Theme | null
  return held && ORDER.includes(held) ? held : 'auto'
}

export const theme = ref<Theme>(remembered())
document.documentElement.dataset['theme'] = theme.value

/** The next of: as the system wishes, light, dark. */
export function nextTheme(): void {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length] ?? 'auto'
  document.documentElement.dataset['theme'] = theme.value
  localStorage.setItem(REMEMBERED, theme.value)
}
