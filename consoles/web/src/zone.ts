/** Wall-clock time in the person's zone to an instant and back, by the browser's own zone data. */

function offsetMinutes(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
    hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(new Date(instant))
  const get = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0)
  const wall = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'))
  return Math.round((wall - Math.floor(instant / 1000) * 1000) / 60_000)
}

/**
 * The instant at which clocks in `zone` show `local` ('2026-11-24T10:30'); null when that time does not exist there
 * (the hour skipped in spring). Of a time that exists twice, the first is taken.
 */
export function instantIn(local: string, zone: string): Date | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/.exec(local)
  if (!match) return null
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0] = match.slice(1).map(Number)
  const wall = Date.UTC(y, mo - 1, d, h, mi)
  const candidates = [wall - 86_400_000, wall + 86_400_000].map((near) => wall - offsetMinutes(near, zone) * 60_000)
  const right = candidates.filter((instant) => instant + offsetMinutes(instant, zone) * 60_000 === wall)
  return right.length > 0 ? new Date(Math.min(...right)) : null
}

/** 'YYYY-MM-DDTHH:mm' as clocks in `zone` show an instant (for a datetime-local input). */
export function wallClock(instant: number, zone: string): string {
  const shifted = new Date(instant + offsetMinutes(instant, zone) * 60_000)
  return shifted.toISOString().slice(0, 16)
}

/** Whether the browser knows this IANA zone. */
export function knownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone !== ''
  } catch {
    return false
  }
}
