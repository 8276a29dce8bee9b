/** Reading a recording: silence, markers, grades. Pure. */
import type { ScorecardItem } from '@/api/types'

export interface Span {
  /** Seconds. */
  from: number
  to: number
}

/** Stretches of at least `least` seconds in which neither side is louder than `floor` (peaks are 0–1). */
export function silences(peaks: { rate: number; left: number[]; right: number[] }, floor = 0.02, least = 1.5): Span[] {
  const found: Span[] = []
  const length = Math.max(peaks.left.length, peaks.right.length)
  let start = -1
  for (let i = 0; i <= length; i += 1) {
    const quiet = i < length && Math.max(peaks.left[i] ?? 0, peaks.right[i] ?? 0) <= floor
    if (quiet && start < 0) start = i
    if (!quiet && start >= 0) {
      if ((i - start) / peaks.rate >= least) found.push({ from: start / peaks.rate, to: i / peaks.rate })
      start = -1
    }
  }
  return found
}

/** Where to jump from inside a silence; a breath of it is left before speech sets in. Null outside. */
export function jumpOut(at: number, spans: Span[], breath = 0.3): number | null {
  const inside = spans.find((one) => at >= one.from + breath && at < one.to - breath)
  return inside ? inside.to - breath : null
}

/** Stretches that were not recorded on purpose, from the marks (in ms); one that was never resumed runs to the end. */
export function pauses(marks: { kind: 'paused' | 'resumed' | 'verified'; offset_ms: number }[], duration: number): Span[] {
  const found: Span[] = []
  let start: number | null = null
  for (const mark of marks) {
    if (mark.kind === 'paused') start ??= mark.offset_ms / 1000
    else if (mark.kind === 'resumed' && start !== null) {
      found.push({ from: start, to: mark.offset_ms / 1000 })
      start = null
    }
  }
  if (start !== null) found.push({ from: start, to: duration })
  return found
}

export type Answers = Record<string, number | null | undefined>

/** The grade as the server will compute it; null while an item is open or nothing applies. */
export function grade(items: ScorecardItem[], answers: Answers): { score: number; failed: boolean } | null {
  if (items.some((one) => answers[one.code] === undefined)) return null
  if (items.some((one) => one.fatal && answers[one.code] === 0)) return { score: 0, failed: true }
  const given = items.filter((one) => answers[one.code] !== null)
  const weight = given.reduce((sum, one) => sum + one.weight, 0)
  if (weight <= 0) return null
  const sum = given.reduce((total, one) => total + one.weight * (answers[one.code] ?? 0), 0)
  return { score: sum / weight, failed: false }
}

/** The band of a grade. */
export function band(score: number, failed: boolean): 'failed' | 'issue' | 'improve' | 'meets' | 'exceeds' {
  if (failed) return 'failed'
  if (score < 60) return 'issue'
  if (score < 75) return 'improve'
  return score < 90 ? 'meets' : 'exceeds'
}
