/** A setting that changed, in the reader's words. */
import type { Difference } from '@/changes'
import { useWords } from '@/i18n'

export function useChangeWords() {
  const { t, word } = useWords()

  /** A setting by its name, or the part of one: of the routing, or of what becomes of an outcome. */
  function nameOf([key = '', part = '', detail = '']: string[]): string {
    if (key === 'routing') return word('setting', `routing_${part}`)
    if (key === 'retry') return `${word('setting', key)}, ${word('outcome', part)}: ${word('settings.retry', detail)}`
    return word('setting', key)
  }

  function shown(value: unknown): string {
    if (value === null) return '—'
    if (Array.isArray(value)) return value.join(', ') || '—'
    return typeof value === 'boolean' ? t(value ? 'control.on' : 'control.off') : String(value)
  }

  function told(one: Difference): string {
    return `${nameOf(one.path)}: ${shown(one.before)} → ${shown(one.now)}`
  }

  return { told }
}
