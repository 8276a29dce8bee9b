/** A decision of the pacing, or what holds a campaign, told in the reader's language: from its data, never from its English sentence. Pure. */
import type { DecisionWhy, ForecastView, Hold } from '@/live/wire'

export interface Told {
  why?: DecisionWhy | null
  hold?: Hold | null
  forecast?: ForecastView | null
  /** The sentence: shown as it is where there is no data, that is of an engine or a row from before 0.6. */
  line: string
}

export interface DecisionWords {
  t: (key: string, values?: Record<string, unknown>, form?: number) => string
  word: (group: string, code: string) => string
  decimal: (n: number, places: number) => string
  percent: (share: number) => string
  dayTime: (at: string) => string
  timeOfDay: (at: string) => string
}

/** Texts of what holds a campaign without saying more. */
const BARE: Record<string, string> = {
  no_room: 'decision.noRoom', campaign_paused: 'decision.campaignPaused', campaign_stopped: 'decision.campaignStopped', no_list: 'decision.noList',
  pbx_away: 'decision.halt.pbx', other_dialplan: 'decision.halt.dialplan', clock_in_doubt: 'decision.halt.clock', engine_moves: 'decision.halt.engine',
}
const MODES = ['manual', 'preview', 'progressive', 'power', 'predictive']
const OF_LISTS = ['quota_full', 'list_paused']

/** One of them, or several; a part of one is several too. */
const form = (n: number) => (n === 1 ? 1 : 2)
/** 3 stays 3, 2.5 is written by locale. */
const some = (n: number, { decimal }: DecisionWords) => decimal(n, Number.isInteger(n) ? 0 : 1)

/** A few sentences, of the risk only where it is not shown otherwise. */
export function decisionText(told: Told, say: DecisionWords, risk = true): string {
  const text = told.hold ? holdText(told.hold, say) : told.why ? whyText(told.why, told.forecast ?? null, say, risk) : null
  return text ?? (told.line || '—')
}

/** null for a code of a newer engine. */
function holdText(hold: Hold, say: DecisionWords): string | null {
  const { t, word, dayTime, timeOfDay } = say
  const { code, rule, until } = hold
  const bare = BARE[code]
  if (bare) return t(bare)
  if (code === 'caller_id') return t(rule === 'caller_id_unregistered' ? 'decision.callerIdUnregistered' : 'decision.callerId', { why: word('rule', rule) })
  if (code === 'waits') {
    const why = rule === 'retry' ? t('decision.retry') : word(OF_LISTS.includes(rule) ? 'hold' : 'rule', rule)
    const said = { why, held: some(hold.held, say), leads: some(hold.leads, say) }
    return until ? t('decision.waits', { time: dayTime(until), ...said }) : t('decision.waitsForSomebody', said)
  }
  if (!until) return null
  if (code === 'trunk_rests') return t('decision.trunkRests', { time: timeOfDay(until) })
  if (code === 'outside_hours') return t('decision.outsideHours', { time: dayTime(until) })
  if (code === 'quota') return t('decision.quota', { time: dayTime(until), leads: some(hold.leads, say) }, form(hold.leads))
  return null
}

/** null for a mode of a newer engine. */
function whyText(why: DecisionWhy, outlook: ForecastView | null, say: DecisionWords, risk: boolean): string | null {
  const { t, word, decimal, percent } = say
  if (!MODES.includes(why.mode)) return null
  const several = (what: 'ready' | 'live', n: number) => t(`decision.${what}`, { n: some(n, say) }, form(n))
  // As the sentence has them: a tenth of a person is told, a hundredth is not.
  const tenth = (n: number) => Math.round(n * 10) / 10
  const said = [
    t(`decision.${why.mode}`, {
      ratio: decimal(why.calls_per_agent, 1), ready: several('ready', tenth(why.ready)), flight: some(why.in_flight, say),
      free: some(tenth(outlook?.free_soon ?? 0), say), live: several('live', tenth(outlook?.live_soon ?? 0)),
    }),
  ]
  if (outlook && risk) said.push(t('decision.risk', { chance: percent(outlook.abandon_chance), price: percent(outlook.price) }))
  if (why.cancels > 0) said.push(t('decision.cancels', { n: why.cancels }, why.cancels))
  if (why.held_by) said.push(t('decision.held', { n: why.calls, by: word('limit', why.held_by) }, form(why.calls)))
  return said.join(' ')
}
