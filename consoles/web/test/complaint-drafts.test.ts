import { describe, expect, it } from 'vitest'
import { draftOf, dropComplaintDraft } from '@/pages/portfolio/complaintDrafts'

describe('drafts of complaints', () => {
  it('are kept by complaint and by user until they are saved', () => {
    draftOf(1, 7).answer = 'a medias'
    expect(draftOf(1, 8).answer).toBe('')
    expect(draftOf(2, 7).answer).toBe('')
    expect(draftOf(1, 7).answer).toBe('a medias')
    dropComplaintDraft(1, 7)
    expect(draftOf(1, 7)).toEqual({ answer: '', reason: '' })
  })
})
