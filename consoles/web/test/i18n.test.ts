import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { en } from '@/i18n/en'
import { es } from '@/i18n/es'
import { PROBLEMS } from '@/softphone/machine'

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, above = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(above + key, value)
    else for (const [path, text] of flat(value, `${above}${key}.`)) found.set(path, text)
  }
  return found
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf-8' })
    .filter((name) => /\.(vue|ts)$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf-8'))
}

const ES = flat(es)
const EN = flat(en)
const slots = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()

describe('texts', () => {
  it('exist in both languages under the same keys', () => {
    expect([...EN.keys()].sort()).toEqual([...ES.keys()].sort())
  })

  it('have the same placeholders and the same number of plural forms', () => {
    for (const [key, text] of ES) {
      const other = EN.get(key) ?? ''
      expect(slots(other), key).toEqual(slots(text))
      expect(other.split('|').length, key).toBe(text.split('|').length)
    }
  })

  it('are there for every key that the sources name', () => {
    const named = sources(join(import.meta.dirname, '../src')).flatMap((text) => [...text.matchAll(/\bt\('([\w.]+)'/g)].map((match) => match[1] ?? ''))
    expect(named.length).toBeGreaterThan(200)
    expect([...new Set(named)].filter((key) => !ES.has(key))).toEqual([])
  })

  it('name every problem of the phone with a cure', () => {
    for (const problem of PROBLEMS) {
      expect(ES.get(`phoneProblem.${problem}.title`)).toBeTruthy()
      expect(ES.get(`phoneProblem.${problem}.cure`)).toBeTruthy()
    }
  })

  it('name every rule of every pack, asked and refusing', () => {
    const folder = join(import.meta.dirname, '../../../portfolio/rule_packs')
    const packs = readdirSync(folder).filter((name) => name.endsWith('.yaml')).map((name) => readFileSync(join(folder, name), 'utf-8'))
    expect(packs.length).toBeGreaterThan(8)
    const names = packs.flatMap((pack) => [...pack.split(/^tests:$/m)[0]!.matchAll(/^ {2}- name: ([a-z_]+)$/gm)].map((match) => match[1] ?? ''))
    const rules = [...new Set(names)].filter((name) => name.includes('_'))
    expect(rules.length).toBeGreaterThan(3)
    for (const rule of rules) {
      expect(ES.get(`rule.${rule}`), rule).toBeTruthy()
      expect(ES.get(`check.${rule}`), rule).toBeTruthy()
    }
  })

  it('name every reason for which the PBX placed no call', () => {
    const table = readFileSync(join(import.meta.dirname, '../../../dialer/ami/translate.py'), 'utf-8').split('ORIGINATE_REASONS = {')[1]?.split('}')[0] ?? ''
    const reasons = [...table.matchAll(/^ {4}"\d+": "(.+)",$/gm)].map((match) => match[1] ?? '')
    expect(reasons.length).toBeGreaterThan(4)
    for (const reason of reasons) for (const all of [ES, EN]) expect(all.get(`trunkSign.${reason}`), reason).toBeTruthy()
  })

  it('all compile', () => {
    for (const [locale, all] of [['es', ES], ['en', EN]] as const) {
      const { global } = createI18n({ legacy: false, locale, messages: { es, en } })
      for (const [key, text] of all) {
        const said = global.t(key, 2)
        expect(said === '' && text !== '', `${locale} ${key}`).toBe(false)
      }
    }
  })

  it('address the reader as usted', () => {
    const familiar = /\b(tu|tus|tienes|puedes|pulsa|haz|elige|escribe|revisa|espera a)\b/i
    expect([...ES].filter(([, text]) => familiar.test(text)).map(([key]) => key)).toEqual([])
  })
})
