/** What the engine says of a trunk, taken apart. Pure. */

export interface Broken {
  /** What calls were told, such as 'SIP 503'; 'failed' or 'refused' where nothing was. */
  words: string
  /** So many of the calls of the last minute; null where one call that tried it failed. */
  count: { n: number; of: number } | null
}

/** 'SIP 503: 5 of 5', or the words of one call. */
export function brokenBy(why: string): Broken {
  const found = /^(.*): (\d+) of (\d+)$/.exec(why)
  return found ? { words: found[1] ?? '', count: { n: Number(found[2]), of: Number(found[3]) } } : { words: why, count: null }
}

/** The detail of the alarm trunk_open: what broke it, and until when it rests at first. */
export function restOf(detail: string): { why: string; until: string } | null {
  const found = /^(.*); rests until (\S+)$/.exec(detail)
  return found ? { why: found[1] ?? '', until: found[2] ?? '' } : null
}

/** The detail of the alarm caller_id_blocked: on which trunk, and what the call was told. */
export function blockOf(detail: string): { trunk: string; words: string } | null {
  const found = /^on trunk (\S+): (.*)$/.exec(detail)
  return found ? { trunk: found[1] ?? '', words: found[2] ?? '' } : null
}
