import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface Toast {
  id: number
  tone: 'info' | 'good' | 'bad'
  text: string
}

const SHOWN_MS = 6000
const MOST = 4

/** Short messages that pass; also read aloud by screen readers. */
export const useToasts = defineStore('toasts', () => {
  const items = ref<Toast[]>([])
  let last = 0
  let held = false
  /** Those whose time was over while somebody pointed at them. */
  let due: number[] = []

  function say(tone: Toast['tone'], text: string): void {
    const id = ++last
    items.value = [...items.value.filter((one) => one.text !== text), { id, tone, text }].slice(-MOST)
    setTimeout(() => (held ? due.push(id) : drop(id)), SHOWN_MS)
  }

  function drop(id: number): void {
    items.value = items.value.filter((one) => one.id !== id)
  }

  /** Nothing vanishes under the pointer of who reads it. */
  function hold(on: boolean): void {
    held = on
    if (on) return
    due.forEach(drop)
    due = []
  }

  return { items, say, drop, hold }
})
