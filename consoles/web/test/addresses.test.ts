import { describe, expect, it } from 'vitest'
import { ADDRESSES, pathOf } from '@/addresses'
import { es } from '@/i18n/es'
import { guidesOf } from '@/pages/help/guides'

function text(key: string): unknown {
  return key.split('.').reduce<unknown>((tree, part) => (tree as Record<string, unknown> | undefined)?.[part], es)
}

describe('addresses', () => {
  it('are each named once', () => {
    expect(new Set(ADDRESSES.map((one) => one.path)).size).toBe(ADDRESSES.length)
  })

  it('have a title in words', () => {
    for (const one of ADDRESSES) for (const key of one.title) expect(text(key), `${one.path} ${key}`).toBeTypeOf('string')
    expect(ADDRESSES.filter((one) => one.title.length === 0)).toEqual([])
  })

  it('name parameters by what they may be: the server takes nothing else for a page', () => {
    for (const one of ADDRESSES) expect(one.path).toMatch(/^(\/[a-z-]+|\/:[a-z]+\(\\d\+\))+$/)
  })

  it('of guides are open to those who are shown the guide', () => {
    for (const role of ['agent', 'supervisor', 'admin', 'qa'] as const) {
      const open = ADDRESSES.filter((one) => one.page === 'help' && one.part && one.roles.includes(role)).map((one) => one.part)
      expect(open.sort()).toEqual([...guidesOf(role)].sort())
    }
  })

  it('are found by page and part, the first tab at the page itself', () => {
    expect(pathOf('supervisor', 'agents')).toBe('/supervisor')
    expect(pathOf('supervisor', 'persons')).toBe('/supervisor/persons')
    expect(pathOf('portfolio', 'wishes')).toBe('/portfolio/wishes')
  })
})
