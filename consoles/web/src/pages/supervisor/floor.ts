/** Reading the floor: order, filter, age and what the campaign numbers add up to. Pure. */
import type { AgentRow, AgentState, CampaignView, WindowView } from '@/live/wire'
import type { PacingMinute, PauseCode } from '@/api/types'
import { STATES } from '@/ui/agentState'

export type SortKey = 'name' | 'state' | 'since' | 'campaign' | 'calls'
export type Age = 'fresh' | 'long' | 'over'

/** Seconds in a state after which it is long, and after which somebody should look. */
const AGES: Record<string, [number, number]> = {
  on_call: [300, 900], calling: [60, 120], preview: [60, 300], wrap_up: [45, 120], ready: [120, 600], paused: [600, 1800],
}

/** Place of a state in the order of the board; one that this page does not know comes last. */
function placeOf(state: string): number {
  const place = STATES.indexOf(state as AgentState)
  return place < 0 ? STATES.length : place
}

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
    state: (row) => placeOf(row.state),
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

/** Windows of the law, the one nearest to its limit first; an older engine counts one of 24 h, under `cap`. */
export function windowsOf(view: CampaignView, cap: number | null): WindowView[] {
  if (view.windows && view.windows.length > 0) return view.windows
  const { live_answers: live, abandoned } = view
  const limit = cap ?? 0.03
  const spare = (limit * live - abandoned) / (1 - limit)
  return [{ name: 'rolling_24h', limit, live, abandoned, screened_out: 0, rate: live > 0 ? abandoned / live : 0, spare }]
}

/** Abandoned of how many, as the law of the pack counts: those who hung up in silence dilute nothing where it leaves them out. */
export function byLaw(one: WindowView): { bad: number; whole: number } {
  const silent = one.unserved ?? 0
  const bad = one.abandoned + one.screened_out + (one.law_counts_unserved ? silent : 0)
  return { bad, whole: one.live + one.screened_out - (one.law_counts_unserved ? 0 : silent) }
}

/** Share of those who were served by nobody: what the cap holds, whatever the law counts. */
export function houseRate(one: WindowView): number {
  return one.house_rate ?? one.rate
}

/** The one nearest to its limit first; equal ones by what they can spare. */
export function tightest(windows: WindowView[]): WindowView[] {
  const strain = (one: WindowView) => (one.limit > 0 ? houseRate(one) / one.limit : houseRate(one) > 0 ? Infinity : 0)
  return [...windows].sort((a, b) => (strain(a) === strain(b) ? a.spare - b.spare : strain(b) - strain(a)))
}

/** A window's name for a list of texts, and what to write when that has none: 'rolling_12h' is '12 h'. */
export function windowLabel(name: string): { key: string; length: string } {
  const match = /^rolling_(\d+)([a-z]+)$/.exec(name)
  return { key: name, length: match ? `${match[1]} ${match[2]}` : name }
}

/** One reading of what was expected beside what came. */
export interface Reading {
  /** Unix seconds. */
  at: number
  /** Abandoned ÷ live answers, 0–1; null without live answers. */
  real: number | null
  /** The same with the abandoned that were expected; null when nothing was forecast. */
  expected: number | null
}

/** Shares over the last `span` minutes; the first readings and the present minute, which are not whole, are left out. */
export function rolling(minutes: PacingMinute[], span: number): Reading[] {
  return minutes.slice(span - 1, -1).map((last, index) => {
    const seen = minutes.slice(index, index + span)
    const live = seen.reduce((sum, one) => sum + one.live, 0)
    const forecast = seen.filter((one) => one.expected !== null)
    const expected = forecast.reduce((sum, one) => sum + (one.expected ?? 0), 0)
    return {
      at: Date.parse(last.at) / 1000,
      real: live > 0 ? seen.reduce((sum, one) => sum + one.abandoned, 0) / live : null,
      expected: live > 0 && forecast.length > 0 ? Math.min(1, expected / live) : null,
    }
  })
}
