/** The settings a supervisor turns on the floor. Pure. */
import { BOUNDS } from '@/api/bounds'
import type { CampaignSettings, DialMode } from '@/api/types'

export const MODES: readonly DialMode[] = BOUNDS.CampaignSettings.mode.options

const KEYS = [
  'mode', 'target_abandonment', 'max_abandonment', 'calls_per_agent', 'max_calls_per_agent', 'boost', 'cancel_ringing', 'weight', 'preview_limit',
  'max_lines', 'max_cps',
] as const
export type Knobs = Pick<CampaignSettings, (typeof KEYS)[number]>

/** Those of a campaign's settings. */
export function knobsOf(settings: CampaignSettings): Knobs {
  return Object.fromEntries(KEYS.map((key) => [key, settings[key]])) as Knobs
}
