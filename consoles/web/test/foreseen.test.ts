import { describe, expect, it } from 'vitest'
import { said } from '@/ui/foreseen'
import { instantIn, wallClock } from '@/zone'

describe('what is foreseen of a callback', () => {
  it('is permitted, later or never, and nothing while nothing is known', () => {
    expect(said(null)).toBe('')
    expect(said({ permitted: true, rule: '', first_at: '2026-12-09T08:00:00Z' })).toBe('permitted')
    expect(said({ permitted: false, rule: 'attempts_per_week', first_at: '2026-12-09T08:00:00Z' })).toBe('later')
    expect(said({ permitted: false, rule: 'no_consent', first_at: null })).toBe('never')
  })

  it('is taken over into the field to the minute, in the zone of the person', () => {
    const first = '2026-12-09T14:07:00Z'
    const field = wallClock(Date.parse(first), 'America/Bogota')
    expect(field).toBe('2026-12-09T09:07')
    expect(instantIn(field, 'America/Bogota')?.getTime()).toBe(Date.parse(first))
  })
})
