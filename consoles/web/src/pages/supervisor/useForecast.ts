/** The forecast for settings that are being changed: asked when the hand rests, the last question wins. */
import { onBeforeUnmount, ref, shallowRef, watch, type Ref } from 'vue'
import { api } from '@/api/endpoints'
import { ApiProblem } from '@/api/http'
import type { Campaign, CampaignSettings, Forecast } from '@/api/types'

const REST_MS = 350
/** After this long a change may be applied without its forecast: a hurry must not wait for a simulation. */
const LATE_MS = 3000
/** What to wait when the server is busy and does not say for how long. */
const BUSY_S = 2
/** The floor moves on: a forecast that is looked at is made anew. */
const AGAIN_MS = 60_000

export type ForecastState = 'asking' | 'shown' | 'failed'

export function useForecast(campaign: Ref<Campaign | null>, changed: Ref<Partial<CampaignSettings>>) {
  const state = ref<ForecastState>('asking')
  const late = ref(false)
  const answer = shallowRef<Forecast | null>(null)
  const problem = shallowRef<unknown>(null)
  /** Seconds after which a busy server is asked again; 0 = it is not busy. */
  const waits = ref(0)
  let flight: AbortController | null = null
  let timers: ReturnType<typeof setTimeout>[] = []

  function stop(): void {
    flight?.abort()
    flight = null
    timers.forEach(clearTimeout)
    timers = []
  }

  function later(ms: number, what: () => void): void {
    timers.push(setTimeout(what, ms))
  }

  function ask(): void {
    stop()
    if (!campaign.value) return
    state.value = 'asking'
    late.value = false
    waits.value = 0
    later(LATE_MS, () => (late.value = true))
    later(REST_MS, () => void send())
  }

  async function send(): Promise<void> {
    const id = campaign.value?.id
    if (id === undefined) return
    const mine = (flight = new AbortController())
    try {
      const said = await api.forecast(id, changed.value, mine.signal)
      if (mine.signal.aborted) return
      answer.value = said
      waits.value = 0
      state.value = 'shown'
    } catch (error) {
      if (mine.signal.aborted) return
      if (error instanceof ApiProblem && error.code === 'busy') {
        // Somebody else's comes first: ours is asked for when the server said, as often as it takes.
        waits.value = error.retryAfter || BUSY_S
        later(1000 * waits.value, () => void send())
        return
      }
      waits.value = 0
      problem.value = error
      state.value = 'failed'
    }
  }

  watch(
    () => [campaign.value?.id, campaign.value?.settings_version, JSON.stringify(changed.value)].join(),
    (now, before) => {
      if (now.split(',')[0] !== before?.split(',')[0]) answer.value = null
      ask()
    },
    { immediate: true },
  )
  // A question that still waits for its turn is not put a second time.
  const again = setInterval(() => state.value !== 'asking' && waits.value === 0 && void send(), AGAIN_MS)
  onBeforeUnmount(() => {
    clearInterval(again)
    stop()
  })
  return { state, late, waits, answer, problem, ask }
}
