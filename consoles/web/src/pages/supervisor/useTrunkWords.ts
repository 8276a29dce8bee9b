/** What befell a trunk, in the reader's language. */
import { blockOf, brokenBy, restOf } from '@/pages/supervisor/trunk'
import { useWords } from '@/i18n'

export function useTrunkWords() {
  const { t, timeOfDay, word } = useWords()

  function why(said: string): string {
    const { words, count } = brokenBy(said)
    const told = word('trunkSign', words)
    return count ? t('trunks.share', { words: told, n: count.n, of: count.of }) : told
  }

  /** The detail of an alarm; itself when its wording is not known, or it is of something else. */
  function alarm(kind: string, detail: string): string {
    const rest = kind === 'trunk_open' ? restOf(detail) : null
    if (rest) return t('trunks.rests', { why: why(rest.why), time: timeOfDay(rest.until) })
    const block = kind === 'caller_id_blocked' ? blockOf(detail) : null
    return block ? t('trunks.blocked', { trunk: block.trunk, words: block.words }) : detail
  }

  return { why, alarm }
}
