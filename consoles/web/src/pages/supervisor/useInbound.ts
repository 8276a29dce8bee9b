/** How fast the calls of each campaign that came in were answered; asked for again now and then. */
import { onMounted, onUnmounted, shallowRef } from 'vue'
import { api } from '@/api/endpoints'
import type { InboundService } from '@/api/types'

const EVERY_MS = 15_000

export function useInbound() {
  const services = shallowRef<Map<number, InboundService>>(new Map())
  let timer: ReturnType<typeof setInterval> | undefined

  async function load(): Promise<void> {
    try {
      services.value = new Map((await api.inboundService()).items.map((one) => [one.campaign_id, one]))
    } catch {
      // The figure of before stays: it is asked for again at once, and every other panel tells that the server is away.
    }
  }

  onMounted(() => {
    void load()
    timer = setInterval(() => void load(), EVERY_MS)
  })
  onUnmounted(() => clearInterval(timer))
  return services
}
