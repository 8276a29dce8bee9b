/** Keyboard chords that clash neither with typing nor with a screen reader. */
import { onBeforeUnmount, onMounted } from 'vue'

/** 'F2', 'Alt+1', 'Ctrl+Enter', '?' from a key event. Digits by position, so that Alt+1 works on every layout. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1]
  const key = event.altKey && digit ? digit : event.key.length === 1 ? event.key.toUpperCase() : event.key
  const ctrl = event.ctrlKey || event.metaKey ? 'Ctrl+' : ''
  return `${ctrl}${event.altKey ? 'Alt+' : ''}${key}`
}

/** Whether the event comes from a place where letters are text. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button', 'file'].includes(target.type)
}

export type Chords = Record<string, (event: KeyboardEvent) => void>

/** Chords of a component while it is on the screen. Single characters are left alone while somebody types. */
export function useChords(chords: Chords): void {
  function pressed(event: KeyboardEvent): void {
    const act = chords[chordOf(event)]
    if (!act || event.defaultPrevented || event.isComposing) return
    if (event.key.length === 1 && !event.altKey && !event.ctrlKey && typing(event.target)) return
    event.preventDefault()
    if (!event.repeat) act(event)
  }
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
