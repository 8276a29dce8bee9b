/** The details of alarms, taken apart and told in the reader's language. Pure. */
import { blockOf, restOf } from '@/pages/supervisor/trunk'

export interface AlarmWords {
  t: (key: string, values?: Record<string, unknown>) => string
  word: (group: string, code: string) => string
  percent: (share: number, places?: number) => string
  timeOfDay: (at: string) => string
  day: (date: string) => string
  /** What broke a trunk. */
  why: (said: string) => string
}

/** The detail of screening_stopped: shares (0–1) of people taken for machines and allowed, and in which window. */
export function screeningOf(detail: string): { wrong: number; allowed: number; window: string } | null {
  const found = /^([\d.]+)% of people taken for machines, ([\d.]+)% allowed \((\S+)\)$/.exec(detail)
  return found ? { wrong: Number(found[1]) / 100, allowed: Number(found[2]) / 100, window: found[3] ?? '' } : null
}

/** The detail of caller_id_not_permitted: the number, null when it is hidden, and the code of the rule. */
export function callerOf(detail: string): { number: string | null; rule: string } | null {
  const found = /^(\S+): (\S+)$/.exec(detail)
  return found ? { number: found[1] === 'hidden' ? null : (found[1] ?? ''), rule: found[2] ?? '' } : null
}

export interface LowShare {
  share: number
  inTime: number
  calls: number
  low: number
  high: number
  asked: number
  seconds: number
  window: string
}

/** The detail of inbound_share_low: what was answered in time, its interval, and what the law asks; shares 0–1. */
export function lowShareOf(detail: string): LowShare | null {
  const found = /^([\d.]+)% \((\d+)\/(\d+); ([\d.]+)%-([\d.]+)%\) < ([\d.]+)% \/ (\d+) s, (day|month)$/.exec(detail)
  if (!found) return null
  const [share, inTime, calls, low, high, asked, seconds] = found.slice(1, 8).map(Number) as [number, number, number, number, number, number, number]
  return { share: share / 100, inTime, calls, low: low / 100, high: high / 100, asked: asked / 100, seconds, window: found[8] ?? '' }
}

/** [what the detail looks like, key of the text in alarmText]: its groups are the text's values. The first that fits. */
const SHAPES: Record<string, [RegExp, string][]> = {
  detector_down: [[/^(?<why>.+)$/, 'detector_down']],
  call_in_refused: [[/^(?<n>\d+) calls wait/, 'call_in_refused_flood'], [/^no campaign/, 'call_in_refused']],
  dialplan_version: [[/version none, not (?<wanted>[^:]+):/, 'dialplan_none'], [/version (?<found>.+), not (?<wanted>[^:]+):/, 'dialplan_version']],
  hung_up_by_pbx: [[/^/, 'hung_up_by_pbx']],
  stranger_in_call: [[/^/, 'stranger_in_call']],
  answered_as_given_up: [[/^/, 'answered_as_given_up']],
  one_way_audio: [[/: person$/, 'one_way_person'], [/: agent$/, 'one_way_agent'], [/: both$/, 'one_way_both']],
  agent_silent: [[/^/, 'agent_silent']],
  channel_strayed: [[/^/, 'channel_strayed']],
  orphan_channel: [[/^(?<where>.+)$/, 'orphan_channel']],
  illegal_event: [[/^(?<what>.+)$/, 'illegal_event']],
  join_failed: [[/^agent (?<agent>\d+)$/, 'join_failed']],
  pbx_link_down: [[/^(?<why>.+)$/, 'pbx_link_down']],
  spool_low: [[/^(?<mb>\d+) MB free/, 'spool_low']],
  spool_full: [[/^(?<mb>\d+) MB free/, 'spool_full']],
  snapshot_refused: [[/^(?<why>.+)$/, 'snapshot_refused']],
  recording_orphan: [[/^/, 'recording_orphan']],
  recording_failed: [[/^/, 'recording_failed']],
  recording_missing: [
    [/^missing: /, 'recording_missing'], [/(?<got>[\d.]+) s recorded of (?<all>[\d.]+) s/, 'recording_short'], [/^damaged: /, 'recording_damaged'],
  ],
  recording_not_paused: [[/^not confirmed$/, 'recording_unconfirmed'], [/^(?<why>.+)$/, 'recording_refused']],
  recording_not_resumed: [[/^not confirmed$/, 'recording_unconfirmed'], [/^(?<why>.+)$/, 'recording_refused']],
  order_given_again: [[/^(?<order>\w+)$/, 'order_given_again']],
  clock_in_doubt: [[/differ by (?<seconds>\d+) s$/, 'clock_differs'], [/^the clock was set$/, 'clock_moved']],
  clock_set: [[/^(?<step>[+-]\d+) s$/, 'clock_set']],
  engine_stalled: [[/^(?<seconds>\d+) s without a turn$/, 'engine_stalled']],
  engine_silent: [[/^/, 'engine_silent']],
  malformed_command: [[/^(?<why>.+)$/, 'malformed_command']],
  command_failed: [[/^(?<defect>.+)$/, 'command_failed']],
  quarantined: [[/^(?<why>.+)$/, 'quarantined']],
  store_refused: [[/^(?<why>.+)$/, 'store_refused']],
  journal_late: [[/^(?<seconds>\d+) s$/, 'journal_late']],
  journal_dead_letter: [[/^(?<why>.+)$/, 'journal_dead_letter']],
  case_numbers_short: [[/^about (?<used>\d+) of (?<all>\d+) are given$/, 'case_numbers_short']],
  complaint_undated: [[/^(?<day>\d{4}-\d\d-\d\d)$/, 'complaint_undated']],
  complaint_due: [[/^(?<day>\d{4}-\d\d-\d\d)$/, 'complaint_due']],
  complaint_overdue: [[/^(?<day>\d{4}-\d\d-\d\d)$/, 'complaint_overdue']],
}

function shaped(kind: string, detail: string, { t, word, day }: AlarmWords): string | null {
  for (const [shape, key] of SHAPES[kind] ?? []) {
    const found = shape.exec(detail.replaceAll('\n', ' '))
    if (!found) continue
    const values: Record<string, string> = { ...found.groups }
    if (values.day) values.day = day(values.day)
    if (values.order) values.order = word('alarmOrder', values.order)
    return t(`alarmText.${key}`, values)
  }
  return null
}

const WORDING: Record<string, (detail: string, say: AlarmWords) => string | null> = {
  trunk_open(detail, { t, why, timeOfDay }) {
    const rest = restOf(detail)
    return rest && t('trunks.rests', { why: why(rest.why), time: timeOfDay(rest.until) })
  },
  caller_id_blocked(detail, { t }) {
    const block = blockOf(detail)
    return block && t('trunks.blocked', { trunk: block.trunk, words: block.words })
  },
  screening_stopped(detail, { t, percent, word }) {
    const found = screeningOf(detail)
    return found && t('alarms.screening', { wrong: percent(found.wrong), allowed: percent(found.allowed), window: word('window', found.window) })
  },
  caller_id_not_permitted(detail, { t, word }) {
    const found = callerOf(detail)
    return found && t('alarms.caller', { number: found.number ?? t('alarms.hidden'), why: word('rule', found.rule) })
  },
  inbound_share_low(detail, { t, percent }) {
    const found = lowShareOf(detail)
    if (!found) return null
    const { inTime, calls, seconds } = found
    return t('alarms.share', {
      share: percent(found.share), low: percent(found.low), high: percent(found.high), asked: percent(found.asked, 0),
      inTime, calls, seconds, window: t(`alarms.${found.window}`),
    })
  },
}

/** The detail of an alarm in words; where its wording is not known, as it was said, in quotation marks. */
export function alarmDetail(kind: string, detail: string, say: AlarmWords): string {
  return WORDING[kind]?.(detail, say) ?? shaped(kind, detail, say) ?? (detail ? say.t('alarms.said', { words: detail }) : '')
}

/** What an alarm is about, in words where it is a part of the machine. */
export function alarmSubject(subject: string, { word, t }: Pick<AlarmWords, 'word' | 't'>): string {
  const window = /^(.+) (day|month)$/.exec(subject)
  return window ? `${window[1]} (${t(`alarms.${window[2]}`)})` : word('alarmSubject', subject)
}
