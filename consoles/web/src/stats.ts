/** Statistics shown on screens. */

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959963984540054

export interface Interval {
  low: number
  high: number
}

/**
 * Wilson score interval of a proportion at 95 % (E. B. Wilson, 1927, JASA 22:209–212); [0, 1] without observations.
 * Honest for small counts: 3 of 40 is not 7.5 % but 2.6–19.9 %.
 */
export function wilson(successes: number, trials: number): Interval {
  if (trials <= 0) return { low: 0, high: 1 }
  const p = Math.min(1, successes / trials)
  const scale = 1 + (Z * Z) / trials
  const centre = p + (Z * Z) / (2 * trials)
  const half = Z * Math.sqrt((p * (1 - p)) / trials + (Z * Z) / (4 * trials * trials))
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) }
}
