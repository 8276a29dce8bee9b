import { describe, expect, it } from 'vitest'
import * as format from '@/format'
import { wilson } from '@/stats'
import { instantIn, knownZone, wallClock } from '@/zone'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('a time that is near', () => {
  it('is of its day only when that is another', () => {
    const at = new Date(2026, 10, 30, 9, 5)
    expect(format.soon(at.toISOString(), new Date(2026, 10, 30, 23, 59).getTime(), 'es')).toBe('9:05')
    expect(plain(format.soon(at.toISOString(), new Date(2026, 10, 29, 23, 59).getTime(), 'es'))).toMatch(/^30 nov,? 0?9:05$/)
  })
})

describe('money', () => {
  it('is written by locale from minor units', () => {
    expect(plain(format.money(123456, 'EUR', 'es'))).toBe('1.234,56 €')
    expect(format.money(123456, 'USD', 'en')).toBe('$1,234.56')
    expect(plain(format.money(1500, 'CLP', 'es-CL'))).toBe('$1.500')
    expect(plain(format.money(53_300_000, 'COP', 'es-CO'))).toMatch(/^\$ ?533\.000$/)
  })

  it.each([
    ['1234', 123400], ['1234,5', 123450], ['1.234,56', 123456], ['1,234.56', 123456], [' 1 234,56 ', 123456], ['1.234', 123400], ['0,01', 1],
  ])('is read from %s', (text, minor) => expect(format.minorFrom(text, 'EUR')).toBe(minor))

  it.each(['', '0', '-5', 'abc', '1,234,5', '1.234.56', '1e5', '9999999999999'])(
    'is not read from “%s”',
    (text) => expect(format.minorFrom(text, 'EUR')).toBeNull(),
  )

  it('has no decimals where the currency has none', () => {
    expect(format.minorFrom('1.500', 'CLP')).toBe(1500)
    expect(format.minorFrom('1500,50', 'CLP')).toBeNull()
  })
})

describe('times', () => {
  it.each([[-3, '0:00'], [0, '0:00'], [61.9, '1:01'], [3729, '1:02:09']])('%d s is %s', (seconds, text) => expect(format.clock(seconds)).toBe(text))

  it('are told as they are for the person', () => {
    expect(format.localTime(Date.parse('2026-11-23T10:04:00Z'), 'es', 'America/Bogota')).toBe('05:04')
    expect(format.localTime(0, 'es', 'Mars/Olympus')).toBe('')
  })

  it('of the person become instants, by the offset of that day', () => {
    expect(instantIn('2026-07-01T10:30', 'Europe/Madrid')?.toISOString()).toBe('2026-07-01T08:30:00.000Z')
    expect(instantIn('2026-12-01T10:30', 'Europe/Madrid')?.toISOString()).toBe('2026-12-01T09:30:00.000Z')
    expect(instantIn('2026-12-01T10:30', 'America/Bogota')?.toISOString()).toBe('2026-12-01T15:30:00.000Z')
  })

  it('that a clock change skips do not exist; of those it repeats, the first counts', () => {
    expect(instantIn('2026-03-29T02:30', 'Europe/Madrid')).toBeNull()
    expect(instantIn('2026-10-25T02:30', 'Europe/Madrid')?.toISOString()).toBe('2026-10-25T00:30:00.000Z')
  })

  it('go there and back', () => {
    for (const zone of ['Europe/Madrid', 'America/Bogota', 'Asia/Kathmandu', 'Pacific/Apia']) {
      const at = Date.parse('2026-11-24T15:20:00Z')
      expect(instantIn(wallClock(at, zone), zone)?.getTime()).toBe(at)
    }
  })

  it('need a zone that exists', () => {
    expect([knownZone('Europe/Madrid'), knownZone(''), knownZone('Nowhere/None')]).toEqual([true, false, false])
    expect(instantIn('tomorrow', 'Europe/Madrid')).toBeNull()
  })
})

describe('numbers', () => {
  it.each([[0, '0'], [1, '1–30'], [30, '1–30'], [31, '31–60'], [180, '91–180'], [361, '360+']])('%i days past due: %s', (days, text) =>
    expect(format.bucket(days)).toBe(text),
  )

  it('of abandonment come with the interval of their denominator', () => {
    // What defines the interval: at both ends the observed share lies exactly z standard errors away.
    const { low, high } = wilson(3, 40)
    for (const end of [low, high]) {
      expect(Math.abs(3 / 40 - end) / Math.sqrt((end * (1 - end)) / 40)).toBeCloseTo(1.96, 3)
    }
    expect(low).toBeLessThan(3 / 40)
    expect(high).toBeGreaterThan(3 / 40)
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 })
    expect(wilson(0, 10).low).toBeCloseTo(0, 12)
    expect(wilson(10, 10).high).toBeCloseTo(1, 12)
  })
})

describe('a date without a zone', () => {
  it('is the same day everywhere, in the words of the reader', () => {
    expect(format.day('2026-12-28', 'es')).toBe('28 dic 2026')
    expect(format.day('2026-12-28', 'en-GB')).toBe('28 Dec 2026')
  })
})
