import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { asks, FRESH_MS, pressed, type Arrival, type Asked } from '@/pages/agent/hangUpKey'
import { useLive } from '@/stores/live'

/** Since when somebody is on the line, and whether the hang-up key has asked whom it means. */
export const useHangUp = defineStore('hangUp', () => {
  const live = useLive()
  const arrival = shallowRef<Arrival>({ callId: '', at: 0 })
  const asked = shallowRef<Asked>(null)
  /** Gone by itself when the question is too old. */
  const asking = computed(() => asks(arrival.value, asked.value, live.now))
  const fresh = computed(() => live.now - arrival.value.at < FRESH_MS)

  watch(
    () => (live.agent?.state === 'on_call' ? (live.agent.call?.id ?? '') : ''),
    (callId) => {
      arrival.value = { callId, at: Date.now() }
      asked.value = null
    },
    { immediate: true, flush: 'sync' },
  )

  /** One press; whether the call may be hung up. */
  function press(): boolean {
    const meaning = pressed(arrival.value, asked.value, Date.now())
    if (meaning === 'ask') asked.value = { callId: arrival.value.callId, at: Date.now() }
    if (meaning === 'hang_up') asked.value = null
    return meaning === 'hang_up'
  }

  /** The agent meant the call before. */
  function stay(): void {
    asked.value = null
  }

  return { asking, fresh, press, stay }
})
