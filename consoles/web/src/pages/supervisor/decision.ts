/** The pacer's last decision as parts: it is stored as one English line, and read on a screen in two languages. */

export interface Decision {
  policy: 'manual' | 'preview' | 'progressive' | 'ratio' | 'predictive'
  /** Calls per agent; only with 'ratio'. */
  ratio: number
  ready: number
  inFlight: number
  /** Only with 'predictive'. */
  outlook: { free: number; live: number; chance: number; price: number } | null
  /** Ringing calls given up. */
  cancels: number
  /** Fewer calls than the policy asked for, and what held them back; null when nothing did. */
  held: { calls: number; by: string } | null
}

const N = String.raw`(\d+(?:\.\d+)?(?:e-?\d+)?)`
const TAIL = String.raw`(?:; cancels (?<cancels>\d+))?(?:; held to (?<calls>\d+) by (?<by>.+))?$`
const DEMAND = new RegExp(`^(manual|preview): agents start the calls${TAIL}`)
const COUNTED = new RegExp(`^(?:progressive|${N} per agent): ${N} ready, ${N} in flight${TAIL}`)
const PREDICTIVE = new RegExp(
  `^predictive: ${N} ready, ${N} free soon, ${N} in flight \\(${N} live soon\\), chance ${N} of price ${N}${TAIL}`,
)

function tail(match: RegExpExecArray): Pick<Decision, 'cancels' | 'held'> {
  const { cancels, calls, by } = match.groups ?? {}
  return { cancels: Number(cancels ?? 0), held: by === undefined ? null : { calls: Number(calls), by } }
}

/** Parts of a line as pacing/ writes it; null for one of a newer server, which is then shown as it is. */
export function decisionFrom(line: string): Decision | null {
  const demand = DEMAND.exec(line)
  if (demand) {
    return { policy: demand[1] as 'manual' | 'preview', ratio: 0, ready: 0, inFlight: 0, outlook: null, ...tail(demand) }
  }
  const counted = COUNTED.exec(line)
  if (counted) {
    const [, ratio, ready, inFlight] = counted
    return {
      policy: ratio === undefined ? 'progressive' : 'ratio', ratio: Number(ratio ?? 1), ready: Number(ready),
      inFlight: Number(inFlight), outlook: null, ...tail(counted),
    }
  }
  const match = PREDICTIVE.exec(line)
  if (!match) return null
  const [ready, free, inFlight, live, chance, price] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number]
  return { policy: 'predictive', ratio: 0, ready, inFlight, outlook: { free, live, chance, price }, ...tail(match) }
}

const HALTS = {
  'the PBX does not answer': 'pbx', 'the PBX has another dialplan': 'dialplan',
  'the clock is in doubt': 'clock', 'the engine is coming or leaving': 'engine',
} as const

/** What forbids the campaign to dial at all; null for another line. */
export function haltFrom(line: string): (typeof HALTS)[keyof typeof HALTS] | null {
  const why = /^halted: (.+)$/.exec(line)?.[1]
  return why !== undefined && why in HALTS ? HALTS[why as keyof typeof HALTS] : null
}

export interface Waits {
  /** 'hours', 'quota' when nothing but these holds any; 'retry' for the rest between two attempts. */
  rule: string
  /** null = by themselves never. */
  until: string | null
  held: number
  leads: number
}

/** What a campaign without a lead to call waits for; 'nobody' when no lead rests either; null for another line. */
export function waitingFrom(line: string): Waits | 'nobody' | null {
  if (line === 'nobody to call: no list has a lead to give') return 'nobody'
  const hours = /^outside hours until (\S+)$/.exec(line)
  if (hours?.[1]) return { rule: 'hours', until: hours[1], held: 0, leads: 0 }
  const full = /^quota reached until (\S+): (\d+) wait$/.exec(line)
  if (full?.[1]) return { rule: 'quota', until: full[1], held: Number(full[2]), leads: Number(full[2]) }
  const most = /^nobody to call(?: until (\S+))?: (\d+) of (\d+) wait, (\S+)$/.exec(line)
  if (!most?.[4]) return null
  return { rule: most[4], until: most[1] ?? null, held: Number(most[2]), leads: Number(most[3]) }
}
