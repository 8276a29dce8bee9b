/** The detail of an alarm in the reader's language. */
import { alarmDetail } from '@/pages/supervisor/alarm'
import { useTrunkWords } from '@/pages/supervisor/useTrunkWords'
import { useWords } from '@/i18n'

export function useAlarmWords() {
  const { t, percent, timeOfDay, word } = useWords()
  const { why } = useTrunkWords()
  return (kind: string, detail: string): string => alarmDetail(kind, detail, { t, percent, timeOfDay, word, why })
}
