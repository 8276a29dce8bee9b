/** What was typed about complaints and not saved yet: it outlasts another line, another tab of the page, and nobody's session. */
import { reactive } from 'vue'

export interface ComplaintDraft {
  answer: string
  reason: string
}

const drafts = reactive(new Map<string, ComplaintDraft>())

/** The draft of a user about a complaint. */
export function draftOf(user: number, complaint: number): ComplaintDraft {
  const key = `${user}:${complaint}`
  if (!drafts.has(key)) drafts.set(key, { answer: '', reason: '' })
  return drafts.get(key) as ComplaintDraft
}

/** It was saved. */
export function dropComplaintDraft(user: number, complaint: number): void {
  drafts.delete(`${user}:${complaint}`)
}
