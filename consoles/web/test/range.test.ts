import { describe, expect, it } from 'vitest'
import { range } from '@/ui/range'

describe('the range of a field', () => {
  it('is what the model takes, in the steps of the page', () => expect(range({ min: 1, max: 12 }, 0.5)).toEqual({ min: 1, max: 12, step: 0.5 }))

  it('begins with the first step where only more than the bound is taken', () => expect(range({ above: 0, max: 500 }, 0.1)).toEqual({ min: 0.1, max: 500, step: 0.1 }))
})
