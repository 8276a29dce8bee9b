import { describe, expect, it } from 'vitest'
import { factText } from '@/routing'

const WORDS = {
  yes: 'Sí', no: 'No', none: 'ninguna', number: (n: number) => n.toLocaleString('es', { maximumFractionDigits: 1 }),
  skill: (code: string) => ({ collections: 'Cobranza' })[code] ?? code,
}

describe('a fact of the router', () => {
  it('is read, not dumped', () => {
    expect(factText({ collections: 1, lawyer: 2 }, WORDS)).toBe('Cobranza ≥ 1, lawyer ≥ 2')
    expect(factText({}, WORDS)).toBe('ninguna')
    expect(factText(['a', true], WORDS)).toBe('a, Sí')
    expect(factText([], WORDS)).toBe('—')
    expect(factText(4.24, WORDS)).toBe('4,2')
    expect(factText(null, WORDS)).toBe('—')
  })
})
