/** Who or what answered, said alike wherever it is shown: a call's word comes from its state, what was heard from the evidence. Pure. */
import type { CallEvent, Recording, Verdict } from '@/api/types'

export type Stage = Verdict['stage']
type Call = Pick<Recording['call'], 'verdict'>

const STEPS = ['human', 'unsure', 'machine', 'audit', 'voicemail', 'heard', 'deadline']
const STAGES: Record<string, Stage> = { dialing: 'early', ringing: 'early', screening: 'answer', waiting: 'late', connected: 'late' }

/** At which stage this step of the call says who answered; null = it does not. */
export function stageOf(step: CallEvent): Stage | null {
  if (!STEPS.includes(step.event)) return null
  const stage = STAGES[step.from_state ?? ''] ?? null
  // Nobody waits for an agent any more, or nobody was there in time: no word about who it was.
  return step.event === 'deadline' && stage !== 'answer' ? null : stage
}

/** What a stage came to, as a key of the texts `verdict.*`; '' = nothing was said then. */
export function wordOf(stage: Stage, call: Call, judged: Verdict[]): string {
  const heard = judged.find((one) => one.stage === stage)
  if (stage !== 'answer') return heard?.verdict ?? ''
  // The call knows tones only; the evidence, that it was a fax's.
  if (call.verdict === 'tone') return heard?.verdict ?? 'tone'
  // Nobody listened: whoever answers is a person.
  if (call.verdict === 'human' && !heard) return 'OFF'
  return call.verdict
}

/** Stages in their order, of those at which something was said. */
export function stages(call: Call, judged: Verdict[]): Stage[] {
  return (['early', 'answer', 'late'] as const).filter((one) => wordOf(one, call, judged) !== '')
}

/** Why, when nothing was kept of what was heard: the reason that came with the step. */
export function reasonOf(steps: CallEvent[]): string {
  const step = steps.find((one) => stageOf(one) === 'answer')
  return step?.event === 'deadline' ? 'deadline' : String(step?.detail['reason'] ?? '')
}
