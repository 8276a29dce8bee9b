import { describe, expect, it } from 'vitest'
import { dialled } from '@/pages/portfolio/dialled'
import { blockOf, brokenBy, restOf } from '@/pages/supervisor/trunk'

describe('what the engine says of a trunk', () => {
  it('tells what broke it, and how many', () => {
    expect(brokenBy('SIP 503: 5 of 8')).toEqual({ words: 'SIP 503', count: { n: 5, of: 8 } })
    expect(brokenBy('SIP 503')).toEqual({ words: 'SIP 503', count: null })
  })

  it('takes alarms apart, and leaves what it does not know', () => {
    expect(restOf('SIP 404: 20 of 20; rests until 2026-11-23T10:00:10+00:00')).toEqual({ why: 'SIP 404: 20 of 20', until: '2026-11-23T10:00:10+00:00' })
    expect(restOf('another story')).toBeNull()
    expect(blockOf('on trunk carrier: SIP 608')).toEqual({ trunk: 'carrier', words: 'SIP 608' })
    expect(blockOf('SIP 608')).toBeNull()
  })
})

describe('how a trunk dials', () => {
  it('is told as the engine does it', () => {
    const plain = { plus: true, strip: '', prefix: '' }
    expect(dialled(plain)).toBe('+34910000000')
    expect(dialled({ ...plain, plus: false })).toBe('34910000000')
    expect(dialled({ ...plain, strip: '34' })).toBe('910000000')
    expect(dialled({ ...plain, strip: '44' })).toBe('+34910000000')
    expect(dialled({ ...plain, prefix: '00' })).toBe('0034910000000')
    expect(dialled({ ...plain, strip: '34', prefix: '9' })).toBe('9910000000')
  })
})
