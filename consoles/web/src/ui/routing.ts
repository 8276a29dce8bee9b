/** The router's facts in the language of the screen. */
import { factText, type Fact, type FactWords } from '@/routing'
import { useSession } from '@/stores/session'
import { useWords } from '@/i18n'

export function useRouting(): (facts: Record<string, unknown> | null) => Fact[] {
  const session = useSession()
  const { t, word, decimal, percent } = useWords()
  /** The parts of the fit are shares; the turn is a word. */
  function said(key: string, value: unknown, words: FactWords): string {
    if (key === 'parts' && value !== null && typeof value === 'object') {
      return Object.entries(value as Record<string, number>).map(([part, share]) => `${word('fit', part)} ${percent(share, 0)}`).join(', ')
    }
    if (key === 'tier') return word('tier', String(value))
    return key === 'occupancy' && typeof value === 'number' ? percent(value, 0) : factText(value, words)
  }

  return (facts) => {
    const words: FactWords = {
      yes: t('common.yes'),
      no: t('common.no'),
      none: t('common.none'),
      number: (n) => decimal(n, Number.isInteger(n) ? 0 : 1),
      skill: (code) => session.codes.skills.find((one) => one.code === code)?.name ?? code,
    }
    const shown = Object.entries(facts ?? {}).filter(([key]) => key !== 'weights')
    return shown.map(([key, value]) => ({ key, label: word('routing', key), value: said(key, value, words) }))
  }
}
