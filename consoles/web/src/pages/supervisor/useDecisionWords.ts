/** A decision in the reader's language. */
import { decisionText, type Told } from '@/pages/supervisor/decision'
import { useWords } from '@/i18n'

export function useDecisionWords() {
  const { t, dayTime, decimal, percent, timeOfDay, word } = useWords()
  return (told: Told, risk = true): string => decisionText(told, { t: t as never, dayTime, decimal, percent, timeOfDay, word }, risk)
}
