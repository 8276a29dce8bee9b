import { describe, expect, it } from 'vitest'
import { inTurn } from '@/ui/inTurn'

describe('changes of one row', () => {
  it('begin when the one before is over, however it ended', async () => {
    const told: string[] = []
    const turn = inTurn()
    let done: (value: unknown) => void = () => undefined
    const first = turn(() => new Promise((resolve) => (done = resolve)).then(() => void told.push('first')))
    const second = turn(async () => {
      told.push('second')
      throw new Error('refused')
    })
    const third = turn(async () => void told.push('third'))
    await Promise.resolve()
    expect(told).toEqual([])
    done(undefined)
    await first
    await expect(second).rejects.toThrow('refused')
    await third
    expect(told).toEqual(['first', 'second', 'third'])
  })
})
