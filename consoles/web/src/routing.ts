/** Facts of the router ({name: value}) as a person reads them, in both consoles: pure. */

export interface Fact {
  key: string
  label: string
  value: string
}

export interface FactWords {
  yes: string
  no: string
  none: string
  number: (n: number) => string
  /** The name of a skill by its code. */
  skill: (code: string) => string
}

/** One value; skills ({code: lowest level}) by their names. */
export function factText(value: unknown, words: FactWords): string {
  if (Array.isArray(value)) return value.map((one) => factText(one, words)).join(', ') || '—'
  if (value !== null && typeof value === 'object') {
    const parts = Object.entries(value).map(([key, one]) => `${words.skill(key)} ≥ ${factText(one, words)}`)
    return parts.join(', ') || words.none
  }
  if (typeof value === 'boolean') return value ? words.yes : words.no
  return typeof value === 'number' ? words.number(value) : String(value ?? '—')
}
