/** How long a leg gathers addresses before it answers; pure, in ms. */
import type { IceServer } from '@/api/types'

/** From the first address that says how others reach us. */
export const CAP_MS = 400
/** From the first address at all, where STUN or TURN is to be asked: an unreachable server draws it out to 40 s. */
export const ASKING_MS = 2000

/** The kind of candidate worth waiting for: through TURN, as STUN sees us, or our own. */
function wanted(servers: readonly IceServer[]): RTCIceCandidateType[] {
  const schemes = servers.flatMap((server) => server.urls).map((url) => url.split(':')[0] ?? '')
  if (schemes.some((scheme) => scheme.startsWith('turn'))) return ['relay']
  if (schemes.some((scheme) => scheme.startsWith('stun'))) return ['srflx']
  return []
}

/** For each candidate as it comes, after how long to answer with what there is; null when that is settled already. */
export function gatheringCap(servers: readonly IceServer[]): (type: RTCIceCandidateType | null) => number | null {
  const kinds = wanted(servers)
  let asking = false
  let found = false
  return (type) => {
    if (found) return null
    found = kinds.length === 0 || (type !== null && kinds.includes(type))
    if (found) return CAP_MS
    if (asking) return null
    asking = true
    return ASKING_MS
  }
}
