import { describe, expect, it } from 'vitest'
import type { CampaignSettings } from '@/api/types'
import { es } from '@/i18n/es'
import { changesOf, differences } from '@/changes'
import { GROUPS, RETRIED, namesOf, retryOf, valueOf, withRetry, withValue } from '@/pages/portfolio/settings'

const HELD = {
  mode: 'progressive', max_attempts: null, ring_limit: 25, routing: { skills: 1, segment: 0.5 }, retry: { busy: { minutes: 5, most: null } },
} as unknown as CampaignSettings

describe('settings of a campaign', () => {
  it('says only what was changed, whatever the order of keys', () => {
    const reordered = { ...HELD, routing: { segment: 0.5, skills: 1 } } as unknown as CampaignSettings
    expect(changesOf(HELD, reordered)).toEqual({})
    expect(changesOf(HELD, withValue(HELD, 'max_attempts', 3))).toEqual({ max_attempts: 3 })
  })

  it('changes a part of a setting and sends the whole of it', () => {
    const wanted = withValue(HELD, 'routing.skills', 2)
    expect(valueOf(wanted, 'routing.skills')).toBe(2)
    expect(valueOf(HELD, 'routing.skills')).toBe(1)
    expect(changesOf(HELD, wanted)).toEqual({ routing: { skills: 2, segment: 0.5 } })
  })

  it('keeps a rule for an outcome as long as it says something', () => {
    const both = withRetry(HELD, 'no_answer', { minutes: 90, most: 4 })
    expect(retryOf(both, 'no_answer')).toEqual({ minutes: 90, most: 4 })
    expect(retryOf(both, 'busy')).toEqual({ minutes: 5, most: null })
    expect(withRetry(both, 'busy', { minutes: null, most: null }).retry).toEqual({ no_answer: { minutes: 90, most: 4 } })
  })

  it('reads names in their order, each once', () => {
    expect(namesOf(' backup, third;backup  fourth,')).toEqual(['backup', 'third', 'fourth'])
    expect(namesOf('  ')).toEqual([])
    const held = { spare_trunks: ['backup'] } as unknown as CampaignSettings
    expect(changesOf(held, withValue(held, 'spare_trunks', namesOf('backup')))).toEqual({})
    expect(changesOf(held, withValue(held, 'spare_trunks', []))).toEqual({ spare_trunks: [] })
  })

  it('tells the parts that differ, by their path', () => {
    const wanted = withRetry(withValue(HELD, 'routing.skills', 2), 'busy', { minutes: 5, most: 3 })
    expect(differences(HELD, wanted)).toEqual([
      { path: ['retry', 'busy', 'most'], before: null, now: 3 },
      { path: ['routing', 'skills'], before: 1, now: 2 },
    ])
    expect(differences({ a: [1] }, { a: [1] })).toEqual([])
  })

  it('sends the whole of a setting whose last part was taken away', () => {
    expect(changesOf(HELD, withRetry(HELD, 'busy', { minutes: null, most: null }))).toEqual({ retry: {} })
  })

  it('has a name and a sentence for every setting, and a word for every outcome', () => {
    for (const field of GROUPS.flatMap((group) => group.fields)) {
      const key = field.key.replace('.', '_')
      expect(es.setting, key).toHaveProperty(key)
      if (key !== 'language') expect(es.settingWhy, key).toHaveProperty(key)
    }
    for (const outcome of RETRIED) expect(es.outcome).toHaveProperty(outcome)
  })
})
