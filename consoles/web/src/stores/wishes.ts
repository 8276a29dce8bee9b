/** What waits for a second administrator: counted beside the page's name, wherever an administrator is. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api } from '@/api/endpoints'
import type { LooserWish } from '@/api/types'

const EVERY_MS = 30_000

export const useWishes = defineStore('wishes', () => {
  const rows = ref<LooserWish[]>([])
  /** Those that the reader can agree to. */
  const waiting = computed(() => rows.value.filter((one) => !one.mine).length)
  let timer: ReturnType<typeof setInterval> | undefined

  async function load(): Promise<void> {
    rows.value = (await api.looserWishes()).items
  }

  /** Whoever cannot be asked now is asked again: a badge is no reason to interrupt anybody. */
  function look(): void {
    load().catch(() => undefined)
  }

  function start(): void {
    if (timer !== undefined) return
    look()
    timer = setInterval(look, EVERY_MS)
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
    rows.value = []
  }

  return { rows, waiting, load, start, stop }
})
