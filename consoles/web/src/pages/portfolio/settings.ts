/** The settings of a campaign beside its pace: what can be set, within what bounds, and what was changed. Pure. */
import { BOUNDS } from '@/api/bounds'
import type { CampaignSettings, Outcome, RetryRule } from '@/api/types'
import { range, type Bound } from '@/ui/range'

export type Field =
  | { key: string; kind: 'number'; min: number; max: number; step: number; unit?: 'seconds' | 'minutes' | 'times'; optional?: true }
  | { key: string; kind: 'check' }
  | { key: string; kind: 'choice'; options: readonly string[] }
  | { key: string; kind: 'text'; most: number }
  | { key: string; kind: 'names'; most: number }
  | { key: string; kind: 'pack' }
  | { key: string; kind: 'country' }

export interface Group {
  name: 'call' | 'rules' | 'retries' | 'inbound' | 'routing'
  fields: readonly Field[]
}

const OF = BOUNDS.CampaignSettings
type Names<B> = { [K in keyof typeof OF]: (typeof OF)[K] extends B ? K : never }[keyof typeof OF]

function number(key: Names<Bound>, step: number, more: Pick<Extract<Field, { kind: 'number' }>, 'unit' | 'optional'> = {}): Field {
  return { key, kind: 'number', ...range(OF[key], step), ...more }
}
const choice = (key: Names<{ options: readonly string[] }>): Field => ({ key, kind: 'choice', options: OF[key].options })

export const GROUPS: readonly Group[] = [
  {
    name: 'call',
    fields: [
      choice('screening'),
      choice('on_voicemail'),
      number('ring_limit', 1, { unit: 'seconds' }),
      number('wrap_limit', 1, { unit: 'seconds' }),
      { key: 'record', kind: 'check' },
      { key: 'record_or_no_call', kind: 'check' },
      { key: 'verify_first', kind: 'check' },
      { key: 'spare_trunks', kind: 'names', most: OF.spare_trunks.most },
    ],
  },
  {
    name: 'rules',
    fields: [
      { key: 'rule_pack', kind: 'pack' },
      { key: 'region', kind: 'country' },
      { key: 'creditor', kind: 'text', most: OF.creditor.most },
      { key: 'zone', kind: 'text', most: 60 },
      { key: 'language', kind: 'choice', options: ['es', 'en'] },
      { key: 'care', kind: 'check' },
    ],
  },
  {
    name: 'routing',
    fields: [
      number('routing.skills', 0.1), number('routing.segment', 0.1), number('routing.success', 0.1), number('routing.same_agent', 0.1),
      { key: 'match_language', kind: 'check' },
      { key: 'creditor_licence', kind: 'check' },
    ],
  },
  {
    name: 'inbound',
    fields: [
      { key: 'inbound', kind: 'check' },
      number('inbound_wait', 1, { unit: 'seconds' }),
      number('inbound_announce', 1, { unit: 'seconds' }),
      { key: 'inbound_case_number', kind: 'check' },
      number('inbound_offer', 1, { unit: 'seconds' }),
    ],
  },
  {
    name: 'retries',
    fields: [
      number('max_attempts', 1, { optional: true }),
      number('best_hour', 0.1, { unit: 'times', optional: true }),
      number('callback_grace', 1, { unit: 'minutes' }),
      { key: 'rotate_numbers', kind: 'check' },
    ],
  },
]

/** Outcomes after which a lead goes on, and whose rest a campaign may choose. */
export const RETRIED: readonly Outcome[] = [
  'busy', 'no_answer', 'rejected', 'declined', 'unreachable', 'machine', 'message_left', 'hung_up_early', 'unserved', 'abandoned', 'intercept',
  'congestion', 'carrier_failure', 'one_way_audio', 'no_media', 'conversation',
]

/** A setting by its name; 'routing.skills' is inside another. */
export function valueOf(settings: CampaignSettings, key: string): unknown {
  const [outer, inner] = key.split('.') as [string, string?]
  const held: unknown = settings[outer as keyof CampaignSettings]
  return inner === undefined ? held : (held as Record<string, unknown> | undefined)?.[inner]
}

/** Names in their order, written with commas or blanks between them; each once. */
export function namesOf(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))]
}

/** The settings with one of them changed; nothing is changed in place. */
export function withValue(settings: CampaignSettings, key: string, value: unknown): CampaignSettings {
  const [outer, inner] = key.split('.') as [string, string?]
  if (inner === undefined) return { ...settings, [outer]: value }
  return { ...settings, [outer]: { ...(settings[outer as keyof CampaignSettings] as object | null), [inner]: value } }
}

/** What the campaign says of an outcome; nulls where it says nothing. */
export function retryOf(settings: CampaignSettings, outcome: Outcome): RetryRule {
  return settings.retry[outcome] ?? { minutes: null, most: null }
}

/** With another rule for an outcome; one that says nothing is left out. */
export function withRetry(settings: CampaignSettings, outcome: Outcome, rule: RetryRule): CampaignSettings {
  const retry = { ...settings.retry }
  if (rule.minutes === null && rule.most === null) delete retry[outcome]
  else retry[outcome] = rule
  return { ...settings, retry }
}
