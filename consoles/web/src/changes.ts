/** What differs between two sets of settings. Pure. */

/** One value that differs; a part of a setting has its path: 'routing.skills', 'retry.busy.minutes'. */
export interface Difference {
  path: string[]
  before: unknown
  now: unknown
}

/** The values that differ, the deepest ones, in the order of their names. */
export function differences(before: object, now: object): Difference[] {
  const one = leaves(before)
  const other = leaves(now)
  return [...new Set([...one.keys(), ...other.keys()])]
    .sort()
    .filter((key) => JSON.stringify(one.get(key) ?? null) !== JSON.stringify(other.get(key) ?? null))
    .map((key) => ({ path: key.split('.'), before: one.get(key) ?? null, now: other.get(key) ?? null }))
}

/** What would be changed, whole settings and nothing else. */
export function changesOf<T extends object>(held: T, wanted: T): Partial<T> {
  const changed = new Set(differences(held, wanted).map((one) => one.path[0]))
  return Object.fromEntries(Object.entries(wanted).filter(([key]) => changed.has(key))) as Partial<T>
}

function leaves(value: object, above = ''): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) found.set(above + key, inner)
    else for (const [path, leaf] of leaves(inner, `${above}${key}.`)) found.set(path, leaf)
  }
  return found
}
