import { describe, expect, it } from 'vitest'
import { EMPTY } from '@/pages/agent/draft'
import { clearDrafts, dropDraft, keepDraft, takeDraft } from '@/pages/agent/draftShelf'

const NOW = Date.parse('2026-11-23T16:00:00Z')
const HOUR = 3_600_000

/** A browser's storage without a browser; two tabs of one browser have the same. */
function shelf(held: Record<string, string> = {}) {
  const map = new Map(Object.entries(held))
  return {
    map,
    get length() {
      return map.size
    },
    key: (index: number) => [...map.keys()][index] ?? null,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  }
}

describe('drafts', () => {
  it('are kept by call', () => {
    const one = shelf()
    keepDraft(one, 'c1', { ...EMPTY, notes: 'a medias' }, NOW)
    expect(takeDraft(one, 'c1').notes).toBe('a medias')
    expect(takeDraft(one, 'c2')).toEqual(EMPTY)
  })

  it('go with the disposition', () => {
    const one = shelf()
    keepDraft(one, 'c1', { ...EMPTY, notes: 'x' }, NOW)
    keepDraft(one, 'c2', { ...EMPTY, notes: 'y' }, NOW)
    dropDraft(one, 'c1')
    expect(takeDraft(one, 'c1')).toEqual(EMPTY)
    expect(takeDraft(one, 'c2').notes).toBe('y')
  })

  it('go after a day, unreadable ones at once, and what is not a draft stays', () => {
    const one = shelf({ 'cadencia.draft.odd': '{', 'cadencia.locale': 'en' })
    keepDraft(one, 'old', { ...EMPTY, notes: 'x' }, NOW)
    keepDraft(one, 'later', { ...EMPTY, notes: 'y' }, NOW + 23 * HOUR)
    expect([...one.map.keys()].sort()).toEqual(['cadencia.draft.later', 'cadencia.draft.old', 'cadencia.locale'])
    keepDraft(one, 'new', EMPTY, NOW + 25 * HOUR)
    expect([...one.map.keys()].sort()).toEqual(['cadencia.draft.later', 'cadencia.draft.new', 'cadencia.locale'])
  })

  it('do not outlast the shift', () => {
    const one = shelf({ 'cadencia.locale': 'en' })
    keepDraft(one, 'c1', EMPTY, NOW)
    clearDrafts(one)
    expect([...one.map.keys()]).toEqual(['cadencia.locale'])
  })

  it('that cannot be read are none', () => {
    expect(takeDraft(shelf({ 'cadencia.draft.c1': '{' }), 'c1')).toEqual(EMPTY)
    expect(takeDraft(shelf({ 'cadencia.draft.c1': '7' }), 'c1')).toEqual(EMPTY)
  })
})
