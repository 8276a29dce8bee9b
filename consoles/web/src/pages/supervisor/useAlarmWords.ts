/** The detail of an alarm in the reader's language. */
import { alarmDetail, alarmSubject } from '@/pages/supervisor/alarm'
import { useTrunkWords } from '@/pages/supervisor/useTrunkWords'
import { useWords } from '@/i18n'

export function useAlarmWords() {
  const { t, percent, timeOfDay, day, word } = useWords()
  const { why } = useTrunkWords()
  return {
    inWords: (kind: string, detail: string): string => alarmDetail(kind, detail, { t, percent, timeOfDay, day, word, why }),
    about: (subject: string): string => alarmSubject(subject, { t, word }),
  }
}
