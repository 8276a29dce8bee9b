/** Reading the floor: order, filter, age and what the campaign numbers add up to. Pure. */
import type { AgentRow, CampaignView } from '@/live/wire'
import type { PauseCode } from '@/api/types'

export type SortKey = 'name' | 'state' | 'since' | 'campaign' | 'calls'
export type Age = 'fresh' | 'long' | 'over'

const STATE_ORDER = ['on_call', 'wrap_up', 'ready', 'paused', 'offline']
/** Seconds in a state after which it is long, and after which somebody should look. */
const AGES: Record<string, [number, number]> = { on_call: [300, 900], wrap_up: [45, 120], ready: [120, 600], paused: [600, 1800] }

/** Seconds an agent has been in the present state; 0 when unknown. */
export function secondsIn(row: AgentRow, now: number): number {
  return row.since === null ? 0 : Math.max(0, (now - Date.parse(row.since)) / 1000)
}

/** How long that is for this state; a pause code with a limit of its own goes by it. */
export function ageOf(row: AgentRow, now: number, codes: PauseCode[]): Age {
  const bounds = AGES[row.state]
  if (!bounds) return 'fresh'
  const seconds = secondsIn(row, now)
  const limit = row.state === 'paused' ? codes.find((one) => one.code === row.pause_code)?.max_minutes : null
  if (limit) return seconds > limit * 60 ? 'over' : 'fresh'
  return seconds > bounds[1] ? 'over' : seconds > bounds[0] ? 'long' : 'fresh'
}

/** Rows in the order asked for; equal ones by name, so that the table does not jump about. */
export function sorted(rows: AgentRow[], key: SortKey, down: boolean): AgentRow[] {
  const by: Record<SortKey, (row: AgentRow) => string | number> = {
    name: (row) => row.name.toLowerCase(),
    state: (row) => STATE_ORDER.indexOf(row.state),
    since: (row) => (row.since === null ? Number.MAX_SAFE_INTEGER : Date.parse(row.since)),
    campaign: (row) => row.call_campaign.toLowerCase(),
    calls: (row) => row.calls_today,
  }
  const sign = down ? -1 : 1
  return [...rows].sort((a, b) => {
    const [x, y] = [by[key](a), by[key](b)]
    if (x !== y) return x < y ? -sign : sign
    return a.name.localeCompare(b.name) || a.id - b.id
  })
}

/** Rows of these states whose name or number has the text in it. */
export function filtered(rows: AgentRow[], text: string, state: string): AgentRow[] {
  const wanted = text.trim().toLowerCase()
  return rows.filter(
    (row) =>
      (state === '' || row.state === state) &&
      (wanted === '' || `${row.name} ${row.masked_number} ${row.call_campaign}`.toLowerCase().includes(wanted)),
  )
}

/** Agents per state. */
export function tally(rows: Iterable<AgentRow>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const row of rows) counts[row.state] = (counts[row.state] ?? 0) + 1
  return counts
}

/** One reading for the small chart. */
export interface Sample {
  /** Unix seconds. */
  at: number
  connected: number
  ready: number
  ringing: number
  /** Percent; null without live answers. */
  abandonment: number | null
}

export function sampleOf(view: CampaignView, now: number): Sample {
  return {
    at: now / 1000,
    connected: view.connected,
    ready: view.ready,
    ringing: view.dialing + view.ringing,
    abandonment: view.live_answers > 0 ? (100 * view.abandoned) / view.live_answers : null,
  }
}
