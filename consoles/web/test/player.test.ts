import { describe, expect, it } from 'vitest'
import type { ScorecardItem } from '@/api/types'
import { band, grade, jumpOut, pauses, silences } from '@/pages/qa/player'

const item = (code: string, weight: number, fatal = false): ScorecardItem => ({ code, label_es: code, label_en: code, weight, fatal })
const CARD = [item('identity', 20, true), item('greeting', 30), item('close', 50)]

describe('a grade', () => {
  it('waits for every answer', () => expect(grade(CARD, { identity: 100, greeting: 50 })).toBeNull())

  it('is the weighted mean of what applies', () => {
    expect(grade(CARD, { identity: 100, greeting: 50, close: 100 })?.score).toBeCloseTo(85)
    expect(grade(CARD, { identity: null, greeting: 50, close: 100 })?.score).toBeCloseTo(81.25)
  })

  it('is nought when a fatal item fails', () => expect(grade(CARD, { identity: 0, greeting: 100, close: 100 })).toEqual({ score: 0, failed: true }))

  it('does not exist when nothing applies', () => expect(grade(CARD, { identity: null, greeting: null, close: null })).toBeNull())

  it.each([[0, true, 'failed'], [59.9, false, 'issue'], [60, false, 'improve'], [75, false, 'meets'], [90, false, 'exceeds']] as const)(
    '%d (failed: %s) is in band %s',
    (score, failed, name) => expect(band(score, failed)).toBe(name),
  )
})

describe('silence', () => {
  const peaks = { rate: 10, left: [0.5, ...Array<number>(20).fill(0), 0.4, 0, 0, 0.4], right: [0, ...Array<number>(20).fill(0.01), 0, 0, 0, 0] }

  it('is where both sides are quiet for long enough', () => expect(silences(peaks)).toEqual([{ from: 0.1, to: 2.1 }]))

  it('runs to the end when nobody speaks again', () => {
    expect(silences({ rate: 10, left: [0.5, ...Array<number>(30).fill(0)], right: [] })).toEqual([{ from: 0.1, to: 3.1 }])
  })

  it('is jumped over up to a breath before speech, once', () => {
    const spans = silences(peaks)
    expect(jumpOut(1, spans)).toBeCloseTo(1.8)
    expect(jumpOut(1.8, spans)).toBeNull()
    expect(jumpOut(0.2, spans)).toBeNull()
    expect(jumpOut(5, spans)).toBeNull()
  })
})

describe('what was not recorded', () => {
  it('lies between pause and resume, or runs to the end', () => {
    const marks = [{ kind: 'paused', offset_ms: 1000 }, { kind: 'resumed', offset_ms: 4000 }, { kind: 'paused', offset_ms: 9000 }] as const
    expect(pauses([...marks], 12)).toEqual([{ from: 1, to: 4 }, { from: 9, to: 12 }])
    expect(pauses([], 12)).toEqual([])
  })

  it('goes on when the identity is verified in mid-pause', () => {
    const marks = [{ kind: 'paused', offset_ms: 1000 }, { kind: 'verified', offset_ms: 2000 }, { kind: 'resumed', offset_ms: 4000 }] as const
    expect(pauses([...marks], 12)).toEqual([{ from: 1, to: 4 }])
  })
})
