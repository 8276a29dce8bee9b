/** The source of a rule, and the mark of one that nobody has read in the law itself. Pure. */
const MARK = /\s*\(secondary sources only(?:; )?(.*)\)$/

/** What it says without the mark, which the screen tells in its own words. */
export function sourceOf(text: string): { text: string; secondary: boolean } {
  const found = MARK.exec(text)
  if (!found) return { text, secondary: text.includes('secondary sources only') }
  return { text: text.slice(0, found.index) + (found[1] ? ` (${found[1]})` : ''), secondary: true }
}
