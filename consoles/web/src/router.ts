/** Six pages need no routing library. */
import { ref } from 'vue'

export const path = ref(location.pathname)

window.addEventListener('popstate', () => (path.value = location.pathname))

/** Go to a page of the consoles. */
export function go(to: string, replace = false): void {
  if (to === path.value) return
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  path.value = to
}
