/** What a forecast says, in figures ready to be read. Pure; the locale's writing comes with `write`. */
import type { Outlook } from '@/api/types'

export interface Write {
  percent(ratio: number, places?: number): string
  decimal(n: number, places: number): string
}

export type Figure = 'abandonment' | 'idle' | 'occupancy' | 'calls' | 'lines'
export const FIGURES: readonly Figure[] = ['abandonment', 'idle', 'occupancy', 'calls', 'lines']

const UNKNOWN = '—'
/** Seconds of waiting from which minutes are easier to read. */
const LONG = 90

/** '2,1 % ± 0,5'; the ± is in points of per cent. */
export function shareWithMargin(share: number | null, margin: number | null, write: Write): string {
  if (share === null) return UNKNOWN
  return margin === null ? write.percent(share, 1) : `${write.percent(share, 1)} ± ${write.decimal(100 * margin, 1)}`
}

/** '11 s', '2,4 min'. */
export function wait(seconds: number | null, write: Write): string {
  if (seconds === null) return UNKNOWN
  return seconds < LONG ? `${write.decimal(seconds, seconds < 9.95 ? 1 : 0)} s` : `${write.decimal(seconds / 60, 1)} min`
}

/** The figures of an outlook, each as it is shown in a cell. */
export function figures(outlook: Outlook, write: Write): Record<Figure, string> {
  const { abandonment, occupancy, calls_per_minute: calls, lines } = outlook
  return {
    abandonment: abandonment === null ? UNKNOWN : write.percent(abandonment, 1),
    idle: wait(outlook.idle_seconds, write),
    occupancy: occupancy === null ? UNKNOWN : write.percent(occupancy, 0),
    calls: calls === null ? UNKNOWN : write.decimal(calls, calls < 9.95 ? 1 : 0),
    lines: lines === null ? UNKNOWN : write.decimal(lines, 0),
  }
}

const OF: Record<Figure, (outlook: Outlook) => number | null> = {
  abandonment: (one) => one.abandonment,
  idle: (one) => one.idle_seconds,
  occupancy: (one) => one.occupancy,
  calls: (one) => one.calls_per_minute,
  lines: (one) => one.lines,
}

/** Whether a figure goes up or down as far as it can be seen: what is written the same has not moved. */
export function moved(figure: Figure, now: Outlook, then: Outlook, write: Write): 'up' | 'down' | '' {
  const [before, after] = [OF[figure](now), OF[figure](then)]
  if (before === null || after === null || figures(now, write)[figure] === figures(then, write)[figure]) return ''
  return after > before ? 'up' : 'down'
}

/** Whether a move is one to be glad of; calls and lines are neither good nor bad. */
export function tone(figure: Figure, direction: 'up' | 'down' | ''): 'good' | 'bad' | '' {
  if (direction === '' || figure === 'calls' || figure === 'lines') return ''
  return (figure === 'occupancy') === (direction === 'up') ? 'good' : 'bad'
}
