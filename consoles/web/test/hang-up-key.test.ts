import { describe, expect, it } from 'vitest'
import { AGAIN_MS, ASKS_MS, FRESH_MS, asks, pressed, type Asked } from '@/pages/agent/hangUpKey'

const CALL = { callId: 'new', at: 10_000 }
const after = (ms: number) => CALL.at + ms

describe('the hang-up key', () => {
  it('asks in the first second of a new call', () => {
    expect(pressed(CALL, null, after(0))).toBe('ask')
    expect(pressed(CALL, null, after(FRESH_MS - 1))).toBe('ask')
  })

  it('hangs up at once from then on', () => expect(pressed(CALL, null, after(FRESH_MS))).toBe('hang_up'))

  it('takes a second press for a yes, but not a nervous one', () => {
    const asked: Asked = { callId: 'new', at: after(300) }
    expect(pressed(CALL, asked, asked.at + AGAIN_MS - 1)).toBe('nothing')
    expect(pressed(CALL, asked, asked.at + AGAIN_MS)).toBe('hang_up')
  })

  it('does not ask for ever', () => {
    const asked: Asked = { callId: 'new', at: after(300) }
    expect(asks(CALL, asked, asked.at + ASKS_MS - 1)).toBe(true)
    expect(asks(CALL, asked, asked.at + ASKS_MS)).toBe(false)
    expect(pressed(CALL, asked, asked.at + ASKS_MS)).toBe('hang_up')
  })

  it('asks anew for the next person: what was asked for another one is no answer', () => {
    expect(pressed(CALL, { callId: 'old', at: after(-2000) }, after(100))).toBe('ask')
    expect(asks(CALL, { callId: 'old', at: after(-100) }, after(100))).toBe(false)
  })
})
