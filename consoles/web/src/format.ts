/** How values are written: pure, by locale, without a clock of their own. */

import { CURRENCY_PLACES } from '@/api/facts'

// ISO 4217, not the browser's data: CLDR shows COP without decimals, yet its minor unit is the centavo,
// and the server counts in ISO minor units.
const PLACES: Readonly<Record<string, number>> = CURRENCY_PLACES

/** Decimal places of a currency's minor unit (ISO 4217). */
export function exponentOf(currency: string): number {
  return PLACES[currency] ?? 2
}

/** '1.234,56 €' from 123456 minor units. */
export function money(minor: number, currency: string, locale: string): string {
  const value = minor / 10 ** exponentOf(currency)
  // 'es' alone leaves four-digit numbers ungrouped; amounts of money are always grouped here.
  return new Intl.NumberFormat(locale, { style: 'currency', currency, useGrouping: 'always' }).format(value)
}

/** Minor units from what a person typed ('1.234,5', '1,234.50', '1234'); null when it is not an amount above zero. */
export function minorFrom(text: string, currency: string): number | null {
  const places = exponentOf(currency)
  const plain = text.replace(/[\s\u00a0\u202f']/g, '')
  const match = /^(\d{1,3}(?:[.,]\d{3})+|\d+)(?:([.,])(\d+))?$/.exec(plain)
  if (!match) return null
  const [, whole = '', mark = '', decimals = ''] = match
  // '1.234.56' uses one sign for both jobs: refuse rather than guess an amount of money.
  if (decimals.length > places || (mark && whole.includes(mark))) return null
  const digits = whole.replace(/[.,]/g, '') + decimals.padEnd(places, '0')
  const minor = Number(digits)
  return Number.isSafeInteger(minor) && minor > 0 && minor <= 1e12 ? minor : null
}

/** '4:07' or '1:02:09' from seconds; never negative. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const pad = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`
}

/** '3,2 %' from 0.032. */
export function percent(ratio: number, locale: string, places = 1): string {
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  }).format(ratio)
}

/** '1.234' by locale, always grouped. */
export function count(n: number, locale: string): string {
  return new Intl.NumberFormat(locale, { useGrouping: 'always' }).format(n)
}

/** '1,5' by locale with a fixed number of places. */
export function decimal(n: number, locale: string, places: number): string {
  return new Intl.NumberFormat(locale, { minimumFractionDigits: places, maximumFractionDigits: places }).format(n)
}

/** '23 nov 2026, 10:04' in the reader's or a given zone. */
export function dateTime(at: string, locale: string, zone?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(new Date(at))
}

/** '28 dic 2026' from '2026-12-28', a date without a zone. */
export function day(date: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(date))
}

/** '23 nov, 10:04'. */
export function dayTime(at: string, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  return format.format(new Date(at))
}

/** '10:04' on the day of `now` (milliseconds), '23 nov, 10:04' on any other. */
export function soon(at: string, now: number, locale: string): string {
  const when = new Date(at)
  if (when.toDateString() !== new Date(now).toDateString()) return dayTime(at, locale)
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(when)
}

/** '10:04:31'. */
export function timeOfDay(at: string | number, locale: string, zone?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'medium', timeZone: zone }).format(new Date(at))
}

/** 'lunes, 10:04' as it is for the person now; empty for an unknown zone. */
export function localTime(at: number, locale: string, zone: string): string {
  try {
    return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(new Date(at))
  } catch {
    return ''
  }
}

/** The range of days past due that collectors call tramo: 0, 1–30, 31–60, 61–90, 91–180, 181–360, 360+. */
export function bucket(days: number): string {
  if (days <= 0) return '0'
  for (const [from, to] of [[1, 30], [31, 60], [61, 90], [91, 180], [181, 360]] as const) {
    if (days <= to) return `${from}–${to}`
  }
  return '360+'
}
