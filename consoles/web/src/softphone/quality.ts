/** Quality of the media as a listener would grade it, from the counters of WebRTC. */

export interface Counters {
  lost: number
  received: number
  /** Seconds. */
  jitter: number
  /** Seconds; null while unknown. */
  rtt: number | null
}

export interface Quality {
  /** Share of packets lost since the last reading, 0–1. */
  loss: number
  /** Milliseconds. */
  jitter: number
  /** Milliseconds; null while unknown. */
  rtt: number | null
  mos: number
  grade: 'good' | 'fair' | 'poor'
}

const R_TOP = 93.2

/**
 * Mean opinion score from loss, jitter and round trip: the E-model of ITU-T G.107 with its usual short form of the delay
 * (above 160 ms it hurts more) and 2.5 points of R per percent lost. An indication for a badge, not a measurement.
 */
export function mos(loss: number, jitterMs: number, rttMs: number): number {
  const latency = rttMs / 2 + 2 * jitterMs + 10
  const delay = latency < 160 ? latency / 40 : (latency - 120) / 10
  const r = Math.max(0, Math.min(100, R_TOP - delay - 250 * loss))
  return Math.max(1, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r))
}

/** Quality between two readings; null when nothing arrived in between. */
export function qualityBetween(before: Counters, after: Counters): Quality | null {
  const received = after.received - before.received
  const lost = Math.max(0, after.lost - before.lost)
  if (received + lost <= 0) return null
  const loss = lost / (received + lost)
  const jitter = after.jitter * 1000
  const rtt = after.rtt === null ? null : after.rtt * 1000
  const score = mos(loss, jitter, rtt ?? 0)
  return { loss, jitter, rtt, mos: score, grade: score >= 4 ? 'good' : score >= 3.5 ? 'fair' : 'poor' }
}

/** The counters of one report of getStats(). */
export function countersOf(report: Iterable<Record<string, unknown>>): Counters {
  const found: Counters = { lost: 0, received: 0, jitter: 0, rtt: null }
  for (const entry of report) {
    if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio') {
      found.lost += Number(entry['packetsLost'] ?? 0)
      found.received += Number(entry['packetsReceived'] ?? 0)
      found.jitter = Number(entry['jitter'] ?? 0)
    } else if (entry['type'] === 'remote-inbound-rtp' && typeof entry['roundTripTime'] === 'number') {
      found.rtt = entry['roundTripTime']
    } else if (entry['type'] === 'candidate-pair' && entry['nominated'] && found.rtt === null) {
      const rtt = entry['currentRoundTripTime']
      if (typeof rtt === 'number') found.rtt = rtt
    }
  }
  return found
}
