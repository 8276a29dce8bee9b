import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { en } from '@/i18n/en'
import { es } from '@/i18n/es'
import { EXPLAINED } from '@/ui/terms'

type Tree = { [key: string]: string | Tree }

function textOf(tree: Tree, key: string): string {
  const found = key.split('.').reduce<string | Tree | undefined>((part, name) => (typeof part === 'object' ? part[name] : undefined), tree)
  return typeof found === 'string' ? found : ''
}

function keys(tree: Tree, above = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [above + key] : keys(value, `${above}${key}.`)))
}
/** Labels that are nothing but one of the words nobody is born knowing. */
const UNKNOWN = { es: /^(impulso|pesos?|encaje|cribado)$/i, en: /^(boost|weights?|fit|screening)$/i }
/** Said of a stage among other stages, in a sentence or in an alarm: not a label of its own; or never shown. */
const ELSEWHERE = ['callState.screening', 'routing.weights']

describe('a word that nobody is born knowing', () => {
  it('is explained in both languages, in a sentence that is not the word again', () => {
    expect(Object.keys(EXPLAINED).length).toBeGreaterThan(10)
    for (const [label, text] of Object.entries(EXPLAINED)) {
      for (const all of [es, en]) {
        expect(textOf(all, label), label).not.toBe('')
        expect(textOf(all, text).length, label).toBeGreaterThan(textOf(all, label).length + 10)
      }
    }
  })

  it('is explained wherever it is a label', () => {
    const found = keys(es).filter((key) => UNKNOWN.es.test(textOf(es, key)) || UNKNOWN.en.test(textOf(en, key)))
    expect(found.length).toBeGreaterThan(5)
    expect(found.filter((key) => !(key in EXPLAINED) && !ELSEWHERE.includes(key))).toEqual([])
  })

  it('stands in the glossary with both its names', () => {
    const glossary = readFileSync(join(import.meta.dirname, '../../../docs/glossary.md'), 'utf-8').toLowerCase()
    const rows = glossary.split('\n').filter((line) => line.startsWith('|')).map((line) => line.split('|').slice(1, 3).map((cell) => cell.split(',').map((one) => one.trim())))
    const named = (word: string, column: number) => rows.some((row) => row[column]?.includes(word.toLowerCase()))
    for (const label of Object.keys(EXPLAINED)) {
      expect(named(textOf(en, label), 0), `${label}: ${textOf(en, label)}`).toBe(true)
      expect(named(textOf(es, label), 1), `${label}: ${textOf(es, label)}`).toBe(true)
    }
  })
})
