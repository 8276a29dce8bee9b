/** Drafts kept by the call they are about, where every tab of this browser sees them. */
import { EMPTY, type Draft } from '@/pages/agent/draft'

const PREFIX = 'cadencia.draft.'
const DAY_MS = 86_400_000

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>
interface Kept {
  at: number
  draft: Partial<Draft>
}

function read(shelf: Shelf, key: string): Kept | null {
  try {
    const kept = JSON.parse(shelf.getItem(key) ?? 'null') as Kept | null
    return typeof kept?.at === 'number' ? kept : null
  } catch {
    // An unreadable draft is no draft.
    return null
  }
}

function keys(shelf: Shelf): string[] {
  const all = Array.from({ length: shelf.length }, (_, index) => shelf.key(index) ?? '')
  return all.filter((key) => key.startsWith(PREFIX))
}

/** What was written about this call, in this tab or another; empty fields when nothing was. */
export function takeDraft(shelf: Shelf, call: string): Draft {
  return { ...EMPTY, ...read(shelf, PREFIX + call)?.draft }
}

/** Keep a draft; those of more than a day ago go. */
export function keepDraft(shelf: Shelf, call: string, draft: Draft, now: number): void {
  for (const key of keys(shelf)) {
    if (now - (read(shelf, key)?.at ?? 0) > DAY_MS) shelf.removeItem(key)
  }
  shelf.setItem(PREFIX + call, JSON.stringify({ at: now, draft }))
}

/** The call has its disposition. */
export function dropDraft(shelf: Shelf, call: string): void {
  shelf.removeItem(PREFIX + call)
}

/** The shift is over: notes about people do not stay on the machine. */
export function clearDrafts(shelf: Shelf): void {
  for (const key of keys(shelf)) shelf.removeItem(key)
}
