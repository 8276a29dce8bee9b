import { describe, expect, it } from 'vitest'
import type { CampaignSettings, Outlook, PacingMinute } from '@/api/types'
import * as format from '@/format'
import type { CampaignView, WindowView } from '@/live/wire'
import { decisionFrom, waitingFrom } from '@/pages/supervisor/decision'
import { byLaw, houseRate, rolling, tightest, windowLabel, windowsOf } from '@/pages/supervisor/floor'
import { figures, moved, shareWithMargin, tone, wait } from '@/pages/supervisor/forecast'
import { changesOf } from '@/changes'
import { knobsOf } from '@/pages/supervisor/knobs'

const PLAIN = { ratio: 0, outlook: null, cancels: 0, held: null }

describe('the last decision', () => {
  it('is read in its parts', () => {
    expect(decisionFrom('2.5 per agent: 4 ready, 3 in flight; held to 1 by abandonment cap')).toEqual({
      ...PLAIN, policy: 'ratio', ratio: 2.5, ready: 4, inFlight: 3, held: { calls: 1, by: 'abandonment cap' },
    })
    expect(decisionFrom('progressive: 4 ready, 0 in flight')).toEqual({ ...PLAIN, policy: 'progressive', ratio: 1, ready: 4, inFlight: 0 })
  })

  it('of the predictive mode says what was expected', () => {
    const line = 'predictive: 2 ready, 2.5 free soon, 6 in flight (1.4 live soon), chance 0.08 of price 0.083'
    const read = { ...PLAIN, policy: 'predictive', ready: 2, inFlight: 6, outlook: { free: 2.5, live: 1.4, chance: 0.08, price: 0.083 } }
    expect(decisionFrom(line)).toEqual(read)
    expect(decisionFrom(`${line}; cancels 3`)).toEqual({ ...read, cancels: 3 })
    for (const by of ['abandonment cap', 'line limit', 'calls per agent', 'calls per second', 'no leads']) {
      expect(decisionFrom(`${line}; cancels 1; held to 0 by ${by}`)).toEqual({ ...read, cancels: 1, held: { calls: 0, by } })
      expect(decisionFrom(`${line}; held to 2 by ${by}`)?.held).toEqual({ calls: 2, by })
    }
  })

  it('takes tiny chances and fractional agents as they are written', () => {
    const read = decisionFrom('predictive: 1.5 ready, 0 free soon, 3 in flight (0.2 live soon), chance 1e-05 of price 0.05')
    expect(read?.ready).toBe(1.5)
    expect(read?.outlook?.chance).toBe(1e-5)
  })

  it('of manual and preview says that agents start the calls', () => {
    expect(decisionFrom('manual: agents start the calls')).toEqual({ ...PLAIN, policy: 'manual', ready: 0, inFlight: 0 })
    expect(decisionFrom('preview: agents start the calls')?.policy).toBe('preview')
  })

  it('of a campaign without a lead to call says what its leads wait for', () => {
    const until = '2026-12-01T08:00:00+00:00'
    expect(waitingFrom(`outside hours until ${until}`)).toEqual({ rule: 'hours', until, held: 0, leads: 0 })
    expect(waitingFrom(`nobody to call until ${until}: 30 of 42 wait, attempts_per_day`)).toEqual({ rule: 'attempts_per_day', until, held: 30, leads: 42 })
    expect(waitingFrom(`quota reached until ${until}: 12 wait`)).toEqual({ rule: 'quota', until, held: 12, leads: 12 })
    expect(waitingFrom('nobody to call: 3 of 4 wait, list_paused')).toEqual({ rule: 'list_paused', until: null, held: 3, leads: 4 })
    expect(waitingFrom('nobody to call: no list has a lead to give')).toBe('nobody')
    expect(waitingFrom('progressive: 4 ready, 0 in flight')).toBeNull()
  })

  it('of another wording is not guessed at', () => {
    expect(decisionFrom('erlang: 12')).toBeNull()
    expect(decisionFrom('predictive: many ready')).toBeNull()
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
