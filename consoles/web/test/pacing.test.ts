import { describe, expect, it } from 'vitest'
import type { CampaignSettings, Outlook, PacingMinute } from '@/api/types'
import * as format from '@/format'
import type { CampaignView, DecisionWhy, Hold, WindowView } from '@/live/wire'
import { decisionText, type DecisionWords } from '@/pages/supervisor/decision'
import { byLaw, houseRate, rolling, tightest, windowLabel, windowsOf } from '@/pages/supervisor/floor'
import { figures, moved, shareWithMargin, tone, wait } from '@/pages/supervisor/forecast'
import { changesOf } from '@/changes'
import { knobsOf } from '@/pages/supervisor/knobs'

/** Words as keys with their values, so that a test reads what is told and not how. */
const said: DecisionWords = {
  t: (key, values = {}) => `${key}(${Object.values(values).join(', ')})`,
  word: (group, code) => `${group}.${code}`,
  decimal: (n, places) => n.toFixed(places),
  percent: (share) => `${(share * 100).toFixed(1)}%`,
  dayTime: (at) => at.slice(0, 16),
  timeOfDay: (at) => at.slice(11, 16),
}
const WHY: DecisionWhy = { mode: 'power', ready: 4, in_flight: 3, calls_per_agent: 2.5, calls: 1, cancels: 0, capped: false, held_by: '' }
const OUTLOOK = { abandon_chance: 0.08, price: 0.083, live_soon: 1.44, free_soon: 2.5 }
const HOLD: Hold = { code: 'waits', rule: 'retry', until: '2026-12-01T08:00:00+00:00', held: 3, leads: 4 }
const SENTENCE = 'as it was said'
const ofWhy = (change: Partial<DecisionWhy>, forecast: typeof OUTLOOK | null = null, risk = true) =>
  decisionText({ why: { ...WHY, ...change }, forecast, line: SENTENCE }, said, risk)
const ofHold = (change: Partial<Hold>) => decisionText({ hold: { ...HOLD, ...change }, why: null, line: SENTENCE }, said)

describe('the last decision', () => {
  it('is told from its data', () => {
    expect(ofWhy({})).toBe('decision.power(2.5, decision.ready(4), 3, 0, decision.live(0))')
    expect(ofWhy({ mode: 'manual' })).toMatch(/^decision.manual\(/)
  })

  it('says what is given up and what held it', () => {
    expect(ofWhy({ cancels: 3 })).toMatch(/ decision.cancels\(3\)$/)
    expect(ofWhy({ cancels: 1, held_by: 'abandonment cap' })).toMatch(/ decision.cancels\(1\) decision.held\(1, limit.abandonment cap\)$/)
  })

  it('of the predictive mode says what was expected, of the risk only where nothing else does', () => {
    const told = ofWhy({ mode: 'predictive', ready: 1.5 }, OUTLOOK)
    expect(told).toBe('decision.predictive(2.5, decision.ready(1.5), 3, 2.5, decision.live(1.4)) decision.risk(8.0%, 8.3%)')
    expect(ofWhy({ mode: 'predictive' }, OUTLOOK, false)).not.toContain('decision.risk')
  })

  it('of a campaign without a lead to call says what its leads wait for', () => {
    expect(ofHold({})).toBe('decision.waits(2026-12-01T08:00, decision.retry(), 3, 4)')
    expect(ofHold({ rule: 'attempts_per_day' })).toContain('rule.attempts_per_day')
    expect(ofHold({ rule: 'list_paused', until: null })).toBe('decision.waitsForSomebody(hold.list_paused, 3, 4)')
    expect(ofHold({ code: 'outside_hours' })).toBe('decision.outsideHours(2026-12-01T08:00)')
    expect(ofHold({ code: 'quota' })).toBe('decision.quota(2026-12-01T08:00, 4)')
    expect(ofHold({ code: 'no_list' })).toBe('decision.noList()')
  })

  it('of a campaign that may not dial says what forbids it', () => {
    expect(ofHold({ code: 'trunk_rests' })).toBe('decision.trunkRests(08:00)')
    expect(ofHold({ code: 'caller_id', rule: 'caller_id_prefix' })).toBe('decision.callerId(rule.caller_id_prefix)')
    expect(ofHold({ code: 'caller_id', rule: 'caller_id_unregistered' })).toContain('decision.callerIdUnregistered')
    expect(ofHold({ code: 'clock_in_doubt' })).toBe('decision.halt.clock()')
  })

  it('without data, or of a newer engine, is shown as it was said', () => {
    expect(decisionText({ line: SENTENCE }, said)).toBe(SENTENCE)
    expect(decisionText({ why: null, hold: null, line: '' }, said)).toBe('—')
    expect(ofWhy({ mode: 'erlang' })).toBe(SENTENCE)
    expect(ofHold({ code: 'weather' as Hold['code'] })).toBe(SENTENCE)
  })
})

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')
const writer = (locale: string) => ({
  percent: (ratio: number, places = 1) => plain(format.percent(ratio, locale, places)),
  decimal: (n: number, places: number) => format.decimal(n, locale, places),
})
const ES = writer('es')
const EN = writer('en')

function outlook(change: Partial<Outlook> = {}): Outlook {
  return {
    abandonment: 0.021, abandonment_pm: 0.005, occupancy: 0.862, occupancy_pm: 0.01, idle_seconds: 11.2, idle_pm: 0.6,
    calls_per_minute: 24.4, lines: 21, live_per_hour: 300, ...change,
  }
}

describe('a forecast', () => {
  it('is worded by language, with its margin in points', () => {
    expect(shareWithMargin(0.021, 0.005, ES)).toBe('2,1 % ± 0,5')
    expect(shareWithMargin(0.021, 0.005, EN)).toBe('2.1% ± 0.5')
    expect(shareWithMargin(0.021, null, ES)).toBe('2,1 %')
    expect(shareWithMargin(null, null, ES)).toBe('—')
  })

  it('waits in seconds, and in minutes when long', () => {
    expect([3.21, 9.96, 11.2, 89.9, 90, 144].map((one) => wait(one, ES))).toEqual(['3,2 s', '10 s', '11 s', '90 s', '1,5 min', '2,4 min'])
    expect(wait(null, ES)).toBe('—')
  })

  it('gives every figure, unknown ones too', () => {
    expect(figures(outlook(), ES)).toEqual({ abandonment: '2,1 %', idle: '11 s', occupancy: '86 %', calls: '24', lines: '21' })
    expect(figures(outlook({ idle_seconds: null, lines: null }), ES)).toMatchObject({ idle: '—', lines: '—' })
  })

  it('says what moves, and only what can be seen to', () => {
    const now = outlook({ abandonment: 0, idle_seconds: 35, occupancy: 0.63 })
    expect(moved('idle', now, outlook(), ES)).toBe('down')
    expect(moved('abandonment', now, outlook(), ES)).toBe('up')
    expect(moved('lines', now, outlook({ lines: 21.2 }), ES)).toBe('')
    expect(moved('idle', outlook({ idle_seconds: null }), outlook(), ES)).toBe('')
  })

  it('knows what is good news', () => {
    expect([tone('idle', 'down'), tone('abandonment', 'down'), tone('occupancy', 'up')]).toEqual(['good', 'good', 'good'])
    expect([tone('idle', 'up'), tone('occupancy', 'down'), tone('calls', 'up'), tone('idle', '')]).toEqual(['bad', 'bad', '', ''])
  })
})

describe('the knobs', () => {
  const settings = {
    mode: 'predictive', target_abandonment: 0.025, max_abandonment: 0.03, calls_per_agent: 1.5, max_calls_per_agent: 10, boost: 1, cancel_ringing: true,
    weight: 1, preview_limit: 60, max_lines: 50, max_cps: 10, ring_limit: 25,
  } as CampaignSettings

  it('are only what a supervisor turns, and change only what was turned', () => {
    const held = knobsOf(settings)
    expect('ring_limit' in held).toBe(false)
    expect(changesOf(held, { ...held })).toEqual({})
    expect(changesOf(held, { ...held, boost: 1.2, cancel_ringing: false })).toEqual({ boost: 1.2, cancel_ringing: false })
  })
})

function window(name: string, rate: number, change: Partial<WindowView> = {}): WindowView {
  return { name, limit: 0.03, live: 100, abandoned: 100 * rate, screened_out: 0, rate, spare: 1, ...change }
}

describe('the windows of the law', () => {
  it('stand with the one nearest to its limit first', () => {
    const names = (all: WindowView[]) => tightest(all).map((one) => one.name)
    expect(names([window('a', 0.01), window('b', 0.02), window('c', 0.02, { limit: 0.02 })])).toEqual(['c', 'b', 'a'])
    expect(names([window('a', 0, { spare: 9 }), window('b', 0, { spare: 2 })])).toEqual(['b', 'a'])
  })

  it('count who hung up in silence as the law says, and always in the house', () => {
    const lax = window('a', 0.01, { abandoned: 1, unserved: 4, house_rate: 0.05 })
    expect(byLaw(lax)).toEqual({ bad: 1, whole: 96 })
    expect(byLaw({ ...lax, law_counts_unserved: true })).toEqual({ bad: 5, whole: 100 })
    expect(houseRate(lax)).toBe(0.05)
    expect(houseRate(window('old', 0.02))).toBe(0.02)
    expect(tightest([window('b', 0.02), lax]).map((one) => one.name)).toEqual(['a', 'b'])
  })

  it('of an older engine are the one of 24 hours', () => {
    const view = { live_answers: 40, abandoned: 3 } as CampaignView
    expect(windowsOf(view, 0.03)).toMatchObject([{ name: 'rolling_24h', limit: 0.03, rate: 0.075 }])
    expect(windowsOf(view, 0.03)[0]?.spare).toBeCloseTo(-1.8557, 3)
    expect(windowsOf({ ...view, windows: [window('calendar_day', 0)] }, 0.03)[0]?.name).toBe('calendar_day')
  })

  it('without a text of their own show their length', () => {
    expect(windowLabel('rolling_12h')).toEqual({ key: 'rolling_12h', length: '12 h' })
    expect(windowLabel('odd')).toEqual({ key: 'odd', length: 'odd' })
  })
})

describe('what was expected beside what came', () => {
  const minute = (n: number, live: number, abandoned: number, expected: number | null): PacingMinute => ({
    at: `2026-11-23T10:0${n}:00Z`, placed: 5, live, abandoned, expected, chance: null,
  })

  it('is a share over the last minutes, without the present one', () => {
    const read = rolling([minute(0, 4, 1, 0.2), minute(1, 6, 0, 0.4), minute(2, 10, 0, null), minute(3, 0, 0, 0.1)], 2)
    expect(read.map((one) => one.at)).toEqual([Date.parse('2026-11-23T10:01:00Z') / 1000, Date.parse('2026-11-23T10:02:00Z') / 1000])
    expect(read[0]?.real).toBeCloseTo(0.1)
    expect(read[0]?.expected).toBeCloseTo(0.06)
    expect(read[1]?.real).toBe(0)
    expect(read[1]?.expected).toBeCloseTo(0.025)
  })

  it('is nothing where nobody answered or nothing was forecast', () => {
    expect(rolling([minute(0, 0, 0, 0.2), minute(1, 0, 0, 0.1), minute(2, 0, 0, 0)], 2)).toMatchObject([{ real: null, expected: null }])
    expect(rolling([minute(0, 4, 0, null), minute(1, 4, 0, null), minute(2, 0, 0, null)], 2)).toMatchObject([{ real: 0, expected: null }])
  })
})
