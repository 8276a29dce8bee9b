/** What stands beside a rule that refused, in the reader's language: the gate writes codes, counts and a few fixed words. */

export type Say = (key: string, values?: Record<string, string>) => string

const HERE = ' on the line'
const FIXED: Readonly<Record<string, string>> = {
  'the pack does not hold yet': 'gate.notYet',
  'only with a trained agent who waits for the call': 'gate.trained',
}
const AFTER = ['attempt', 'conversation', 'abandoned', 'machine', 'stop', 'reserved']

/** The text of one detail; what it does not know (prefixes, a country's code, clocks) stands as it is. */
export function gateDetail(detail: string, t: Say): string {
  const fixed = FIXED[detail]
  if (fixed) return t(fixed)
  const shared = detail.endsWith(HERE)
  const own = shared ? detail.slice(0, -HERE.length) : detail
  return shared ? t('gate.onLine', { what: plain(own, t) }) : plain(own, t)
}

function plain(own: string, t: Say): string {
  const [, some, most] = /^(\d+) of (\d+)$/.exec(own) ?? []
  if (some && most) return t('gate.countOf', { some, most })
  const kind = /^after (\w+)$/.exec(own)?.[1]
  if (kind && AFTER.includes(kind)) return t(`gate.after.${kind}`)
  const prefixes = /^not (\+.+)$/.exec(own)?.[1]
  if (prefixes) return t('gate.notThese', { prefixes })
  const channel = /^(\w+) is not in the pack$/.exec(own)?.[1] ?? (/^(voice|sms|whatsapp|email)$/.test(own) ? own : '')
  if (channel) return t(`channel.${channel}`)
  return own.replace(/(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/g, '$1 $2')
}
