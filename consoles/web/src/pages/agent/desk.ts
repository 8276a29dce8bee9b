/** What the agent can do: every command is a request, the screen changes only by what the server pushes back. */
import { computed, watch } from 'vue'
import { playTones } from '@/softphone/devices'
import { useHangUp } from '@/stores/hangUp'
import { useLive } from '@/stores/live'
import { usePhone } from '@/stores/phone'
import { useSession } from '@/stores/session'
import { useToasts } from '@/stores/toasts'
import { takeDraft } from '@/pages/agent/draftShelf'
import { lookOf } from '@/ui/agentState'
import type { AgentRequest, Along, Refused, TransferTarget } from '@/live/wire'
import { useWords } from '@/i18n'

export type Shown = 'offline' | 'paused' | 'ready' | 'preview' | 'calling' | 'on_call' | 'held' | 'wrap_up' | 'unknown'

/** Pauses that nobody chooses: the server gives them. */
const GIVEN = ['login', 'forced', 'preview']

/** What may become of a colleague who was called in. */
export type ConsultVerb = 'consult_join' | 'consult_complete' | 'consult_end'

export function useDesk() {
  const live = useLive()
  const guard = useHangUp()
  const phone = usePhone()
  const session = useSession()
  const toasts = useToasts()
  const { t, label } = useWords()

  const view = computed(() => live.agent)
  const call = computed(() => view.value?.call ?? null)
  const preview = computed(() => view.value?.preview ?? null)
  const calling = computed(() => view.value?.state === 'calling')
  const canAskNext = computed(() => view.value?.state === 'ready' && view.value.by_hand)
  const talking = computed(() => view.value?.state === 'on_call')
  const shown = computed<Shown>(() => {
    if (!view.value) return 'unknown'
    return view.value.state === 'on_call' && view.value.held ? 'held' : view.value.state
  })
  const tone = computed(() => (shown.value === 'held' ? 'wrap' : lookOf(shown.value).tone))
  const pauseCodes = computed(() => session.codes.pause_codes.filter((one) => !GIVEN.includes(one.code)))
  const canBeReady = computed(() => view.value?.leg === 'up' && phone.checked)
  const secondsInState = computed(() => (view.value ? (live.serverNow - Date.parse(view.value.since)) / 1000 : 0))

  function pauseLabel(code: string): string {
    return label(session.codes.pause_codes.find((one) => one.code === code), code)
  }

  function ask(request: AgentRequest): boolean {
    const sent = live.send(request)
    if (!sent) toasts.say('bad', t('agent.notSent'))
    return sent
  }

  function ready(): void {
    if (view.value?.state === 'paused' && !canBeReady.value) return toasts.say('info', t('agent.notReadyYet'))
    ask({ type: 'ready' })
  }

  function mute(): void {
    if (phone.legUp) phone.mute(!phone.muted)
  }

  function hold(): void {
    if (!talking.value || !view.value) return
    if (!phone.hold(!view.value.held)) toasts.say('info', t('agent.holdBusy'))
  }

  function hangUp(): void {
    if (!call.value) return
    // Who was called in to a colleague's call only leaves it.
    if (call.value.consult?.guest) return consult('consult_end')
    // A new person in the very second in which the agent ends the call before: whom does the key mean?
    if (talking.value && !guard.press()) return
    if (talking.value || calling.value) ask({ type: 'hang_up', call_id: call.value.id })
  }

  function itsAMachine(): void {
    if (talking.value && call.value && guard.press()) ask({ type: 'its_a_machine', call_id: call.value.id })
  }

  function verified(): void {
    if (talking.value && call.value) ask({ type: 'verify_identity', call_id: call.value.id })
  }

  function transfer(to: TransferTarget, note: string): void {
    if (talking.value && call.value) ask({ type: 'transfer', call_id: call.value.id, skill: to.skill, agent_id: to.agent_id, ...along(call.value.id, note) })
  }

  /** What the next agent is told: the note, and the disposition as far as it was filled in. */
  function along(callId: string, note: string): Along {
    const { code, notes } = takeDraft(localStorage, callId)
    return { note: note.trim(), code, notes: notes.trim() }
  }

  /** Speak to a colleague first, while the person hears music. */
  function callIn(to: TransferTarget, note: string): void {
    if (talking.value && call.value) ask({ type: 'consult', call_id: call.value.id, skill: to.skill, agent_id: to.agent_id, ...along(call.value.id, note) })
  }

  function consult(verb: ConsultVerb, note = ''): void {
    if (!talking.value || !call.value) return
    if (verb === 'consult_complete') ask({ type: verb, call_id: call.value.id, ...along(call.value.id, note) })
    else ask({ type: verb, call_id: call.value.id })
  }

  function next(): void {
    if (canAskNext.value) ask({ type: 'next_lead' })
  }

  /** Call the person on the card: on this number, or on the first that may be called. */
  function dial(phone_id: number | null = null): void {
    if (preview.value && !preview.value.asked) ask({ type: 'call_preview', lead_id: preview.value.lead_id, phone_id })
  }

  function skip(): void {
    if (preview.value && !preview.value.asked) ask({ type: 'skip_preview', lead_id: preview.value.lead_id })
  }

  function recording(paused: boolean): void {
    if (call.value) ask({ type: 'pause_recording', call_id: call.value.id, paused })
  }

  return {
    live, guard, phone, session, view, call, preview, calling, canAskNext, talking, shown, tone, pauseCodes, canBeReady, secondsInState,
    pauseLabel, ask, ready, mute, hold, hangUp, itsAMachine, verified, transfer, callIn, consult, next, dial, skip, recording,
  }
}

/** What the page does by itself when the server says that a call came or went. Once per page. */
export function useCallHabits(): void {
  const live = useLive()
  const phone = usePhone()
  const toasts = useToasts()
  const { t, word } = useWords()

  watch(
    () => (live.agent?.state === 'on_call' ? (live.agent.call?.id ?? '') : ''),
    (now, before) => {
      if (now && now !== before) {
        phone.heardAt = Date.now()
        // Two quiet notes, shorter than the other side's first breath: somebody is on the line.
        void playTones([[660, 0.08], [990, 0.08]], 0.06, phone.speaker).catch(() => undefined)
      }
      // The leg outlives the call: what was done to it for one person must not meet the next.
      if (!now || (before && now !== before)) {
        phone.hold(false)
        if (phone.muted) phone.mute(false)
      }
    },
  )
  /** A command that the agent's table does not allow is refused because of the state. */
  function reasonOf({ reason, state }: Refused): string {
    return state ? t('refusal.while', { state: word('state', state) }) : word('refusal', reason)
  }

  watch(
    () => live.refused,
    (refused) => {
      if (refused) toasts.say('bad', t('agent.refused', { what: word('request', refused.request), why: reasonOf(refused) }))
    },
  )
}
