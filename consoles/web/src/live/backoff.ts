/** Waits between attempts to connect: exponential with full jitter, so a restarted server is not stormed. */

import { CLOSE } from '@/api/facts'

export const FIRST_MS = 500
export const CAP_MS = 15_000

/** Milliseconds to wait before attempt n (1 = first retry); `chance` is uniform in [0, 1). */
export function backoff(attempt: number, chance: number): number {
  const ceiling = Math.min(CAP_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1))
  return Math.round(ceiling / 2 + (ceiling / 2) * chance)
}

export type CloseAdvice = 'retry' | 'retry_slowly' | 'log_in' | 'elsewhere' | 'stop'

/** What the page does after the server closed the live wire with this code. */
export function adviceFor(code: number): CloseAdvice {
  switch (code) {
    case CLOSE.TAKEN_OVER:
      return 'elsewhere'
    case CLOSE.PROTOCOL:
    case CLOSE.FORBIDDEN:
    case CLOSE.TOO_LARGE:
      return 'stop'
    // Dead sockets of a flapping network count until the server misses their pongs: not for good.
    case CLOSE.USER_FULL:
      return 'retry_slowly'
    default:
      return 'retry'
  }
}
