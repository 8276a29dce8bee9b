/** What befell a trunk, in the reader's language. */
import { brokenBy } from '@/pages/supervisor/trunk'
import { useWords } from '@/i18n'

export function useTrunkWords() {
  const { t, word } = useWords()

  function why(said: string): string {
    const { words, count } = brokenBy(said)
    const told = word('trunkSign', words)
    return count ? t('trunks.share', { words: told, n: count.n, of: count.of }) : told
  }

  return { why }
}
