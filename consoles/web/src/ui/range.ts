/** What a field of numbers takes: bounds of the server's models, in steps of the page's own. Pure. */

export type Bound = { readonly min: number; readonly max: number } | { readonly above: number; readonly max: number }

export interface Range {
  min: number
  max: number
  step: number
}

/** Where only more than the bound is taken, the first step above it is the least. */
export function range(of: Bound, step: number): Range {
  return { min: 'min' in of ? of.min : of.above + step, max: of.max, step }
}
