/** The router's facts in the language of the screen. */
import { factText, type Fact, type FactWords } from '@/routing'
import { useSession } from '@/stores/session'
import { useWords } from '@/i18n'

export function useRouting(): (facts: Record<string, unknown> | null) => Fact[] {
  const session = useSession()
  const { t, word, decimal } = useWords()
  return (facts) => {
    const words: FactWords = {
      yes: t('common.yes'),
      no: t('common.no'),
      none: t('common.none'),
      number: (n) => decimal(n, Number.isInteger(n) ? 0 : 1),
      skill: (code) => session.codes.skills.find((one) => one.code === code)?.name ?? code,
    }
    return Object.entries(facts ?? {}).map(([key, value]) => ({ key, label: word('routing', key), value: factText(value, words) }))
  }
}
