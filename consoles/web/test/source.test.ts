import { describe, expect, it } from 'vitest'
import { sourceOf } from '@/source'

describe('the source of a rule', () => {
  it('gives up its mark to the words of the screen, and nothing else', () => {
    expect(sourceOf('Ley 10/2025, by a.com (secondary sources only)')).toEqual({ text: 'Ley 10/2025, by a.com', secondary: true })
    expect(sourceOf('Ley (secondary sources only; not assigned)')).toEqual({ text: 'Ley (not assigned)', secondary: true })
    expect(sourceOf('by secondary sources only, see')).toEqual({ text: 'by secondary sources only, see', secondary: true })
    expect(sourceOf('LGDCU art. 96 (a)')).toEqual({ text: 'LGDCU art. 96 (a)', secondary: false })
  })
})
