/** The details of alarms, taken apart and told in the reader's language. Pure. */
import { blockOf, restOf } from '@/pages/supervisor/trunk'

export interface AlarmWords {
  t: (key: string, values?: Record<string, unknown>) => string
  word: (group: string, code: string) => string
  percent: (share: number, places?: number) => string
  timeOfDay: (at: string) => string
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

/** The detail of an alarm in words; itself when its wording is not known. */
export function alarmDetail(kind: string, detail: string, say: AlarmWords): string {
  return WORDING[kind]?.(detail, say) ?? detail
}
