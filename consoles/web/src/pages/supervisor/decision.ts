/** The pacer's last decision as parts: it is stored as one English line, and read on a screen in two languages. */

export interface Decision {
  policy: 'progressive' | 'ratio'
  /** Calls per agent; only with 'ratio'. */
  ratio: number
  ready: number
  inFlight: number
  /** Fewer calls than the policy asked for, and what held them back; null when nothing did. */
  held: { calls: number; by: string } | null
}

const LINE = /^(?:progressive|([\d.]+) per agent): (\d+) ready, (\d+) in flight(?:; held to (\d+) by (.+))?$/

/** Parts of a line as pacing/ writes it; null for one of a newer server, which is then shown as it is. */
export function decisionFrom(line: string): Decision | null {
  const match = LINE.exec(line)
  if (!match) return null
  const [, ratio, ready, inFlight, calls, by] = match
  return {
    policy: ratio === undefined ? 'progressive' : 'ratio',
    ratio: Number(ratio ?? 1),
    ready: Number(ready),
    inFlight: Number(inFlight),
    held: by === undefined ? null : { calls: Number(calls), by },
  }
}
