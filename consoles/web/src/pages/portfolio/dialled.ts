/** How a trunk dials, before the server was asked: as `TrunkLimits.dialled` of the engine. Pure. */
import type { TrunkSettings } from '@/api/types'

export const SAMPLE = '+34910000000'

/** The sample as this trunk wants it; a plus only before an untouched number. */
export function dialled(trunk: Pick<TrunkSettings, 'plus' | 'strip' | 'prefix'>, number = SAMPLE): string {
  const digits = number.replace(/^\+/, '')
  const left = trunk.strip && digits.startsWith(trunk.strip) ? digits.slice(trunk.strip.length) : digits
  return `${trunk.plus && !trunk.prefix && left === digits ? '+' : ''}${trunk.prefix}${left}`
}
