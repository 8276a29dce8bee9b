/** What the gate foresees of a callback, as the three things a person can be told. */
import type { Foreseen } from '@/api/types'

/** '' while nothing is known: then nothing is claimed either. */
export function said(found: Foreseen | null): '' | 'permitted' | 'later' | 'never' {
  if (!found) return ''
  if (found.permitted) return 'permitted'
  return found.first_at ? 'later' : 'never'
}
