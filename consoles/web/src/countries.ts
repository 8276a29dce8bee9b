/** Countries whose numbers a file may hold, those that call most first. Names are the browser's own, in the reader's language. */
import { COUNTRIES } from '@/api/facts'

const FIRST = 'ES MX AR CO CL PE EC VE BO UY PY CR PA GT HN NI SV DO PR CU BR PT US GB'

export interface Country {
  code: string
  name: string
}

function named(codes: readonly string[], locale: string): Country[] {
  const names = new Intl.DisplayNames([locale], { type: 'region' })
  return codes.map((code) => ({ code, name: names.of(code) ?? code })).sort((one, other) => one.name.localeCompare(other.name, locale))
}

/** Two groups: the countries most asked for, and all others. */
export function countries(locale: string): [Country[], Country[]] {
  const first = FIRST.split(' ')
  return [named(first, locale), named(COUNTRIES.filter((code) => !first.includes(code)), locale)]
}
