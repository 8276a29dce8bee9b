/** What a failed call means, in the reader's words. */
import { ApiProblem } from '@/api/http'
import { useToasts } from '@/stores/toasts'
import { useWords } from '@/i18n'

export function useProblems() {
  const toasts = useToasts()
  const { t, word } = useWords()

  /** A value by the name it has on the screen, where it is a setting. */
  function nameOf(place: (string | number)[]): string {
    const [first, second] = place
    return first === 'settings' && second !== undefined ? word('setting', String(second)) : place.join('.')
  }

  /** One sentence for an error of the API. */
  function textOf(error: unknown): string {
    if (!(error instanceof ApiProblem)) return t('problem.unknown')
    const known = [
      'network', 'too_slow', 'bad_credentials', 'unauthenticated', 'forbidden', 'csrf', 'origin', 'not_found', 'conflict', 'lab_only', 'looser_pack', 'second_person', 'own_wish', 'unknown_trunk', 'own_spare',
      'version_mismatch', 'too_large', 'too_many', 'busy', 'unavailable',
      'over_already', 'ends_first', 'nobody_named', 'other_debt', 'not_later', 'too_far', 'rules_refuse', 'no_agent', 'reason_needed',
      'wrong_password', 'password_short', 'password_long', 'password_personal', 'password_common', 'password_pattern', 'password_guessable', 'password_same',
    ]
    if (error.code === 'invalid') {
      const fields = error.errors.map((one) => nameOf(one.loc.slice(1))).filter(Boolean)
      return fields.length > 0 ? t('problem.invalidFields', { fields: fields.join(', ') }) : error.detail || t('problem.invalid')
    }
    if (error.code === 'too_many' || error.code === 'importing') return t(`problem.${error.code}`, { seconds: error.retryAfter || 60 })
    return known.includes(error.code) ? t(`problem.${error.code}`) : error.detail || t('problem.unknown')
  }

  /** Do it, or say why it could not be done; undefined then. */
  async function attempt<T>(what: () => Promise<T>): Promise<T | undefined> {
    try {
      return await what()
    } catch (error) {
      // Half of what was wanted is done: it waits for somebody else.
      const waits = error instanceof ApiProblem && error.code === 'second_person'
      toasts.say(waits ? 'info' : 'bad', textOf(error))
      return undefined
    }
  }

  return { textOf, attempt }
}
