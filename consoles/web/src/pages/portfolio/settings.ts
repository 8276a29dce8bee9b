/** The settings of a campaign beside its pace: what can be set, within what bounds, and what was changed. Pure. */
import type { CampaignSettings, Outcome, RetryRule } from '@/api/types'

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

const part = (key: string): Field => ({ key: `routing.${key}`, kind: 'number', min: 0, max: 10, step: 0.1 })

/** The bounds are those of CampaignSettings in dialer/model/campaign.py, which has the last word. */
export const GROUPS: readonly Group[] = [
  {
    name: 'call',
    fields: [
      { key: 'screening', kind: 'choice', options: ['progress', 'amd', 'off'] },
      { key: 'on_voicemail', kind: 'choice', options: ['hang_up', 'leave_message'] },
      { key: 'ring_limit', kind: 'number', min: 15, max: 90, step: 1, unit: 'seconds' },
      { key: 'wrap_limit', kind: 'number', min: 2, max: 900, step: 1, unit: 'seconds' },
      { key: 'record', kind: 'check' },
      { key: 'record_or_no_call', kind: 'check' },
      { key: 'verify_first', kind: 'check' },
      { key: 'spare_trunks', kind: 'names', most: 8 },
    ],
  },
  {
    name: 'rules',
    fields: [
      { key: 'rule_pack', kind: 'pack' },
      { key: 'region', kind: 'country' },
      { key: 'creditor', kind: 'text', most: 120 },
      { key: 'zone', kind: 'text', most: 60 },
      { key: 'language', kind: 'choice', options: ['es', 'en'] },
      { key: 'care', kind: 'check' },
    ],
  },
  {
    name: 'routing',
    fields: [
      part('skills'), part('segment'), part('success'), part('same_agent'),
      { key: 'match_language', kind: 'check' },
      { key: 'creditor_licence', kind: 'check' },
    ],
  },
  {
    name: 'inbound',
    fields: [
      { key: 'inbound', kind: 'check' },
      { key: 'inbound_wait', kind: 'number', min: 30, max: 7200, step: 1, unit: 'seconds' },
      { key: 'inbound_announce', kind: 'number', min: 15, max: 600, step: 1, unit: 'seconds' },
      { key: 'inbound_case_number', kind: 'check' },
      { key: 'inbound_offer', kind: 'number', min: 0, max: 3600, step: 1, unit: 'seconds' },
    ],
  },
  {
    name: 'retries',
    fields: [
      { key: 'max_attempts', kind: 'number', min: 1, max: 1000, step: 1, optional: true },
      { key: 'best_hour', kind: 'number', min: 1.1, max: 10, step: 0.1, unit: 'times', optional: true },
      { key: 'callback_grace', kind: 'number', min: 0, max: 1440, step: 1, unit: 'minutes' },
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
