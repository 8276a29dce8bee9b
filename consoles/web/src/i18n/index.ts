import { computed } from 'vue'
import { createI18n, useI18n } from 'vue-i18n'
import type { Locale } from '@/api/types'
import * as format from '@/format'
import { en } from '@/i18n/en'
import { es } from '@/i18n/es'
import { firstLanguage } from '@/i18n/first'

const REMEMBERED = 'cadencia.locale'

const first = firstLanguage(localStorage.getItem(REMEMBERED), navigator.languages)

export const i18n = createI18n({
  legacy: false,
  locale: first,
  fallbackLocale: 'es',
  messages: { es, en },
})
document.documentElement.lang = first

/** Speak this language from now on, on this browser. */
export function setLanguage(locale: Locale): void {
  i18n.global.locale.value = locale
  localStorage.setItem(REMEMBERED, locale)
  document.documentElement.lang = locale
}

/** The browser's regional variant of a language ('es-MX'), for numbers and dates. */
function regional(language: string): string {
  return navigator.languages.find((one) => one.split('-')[0] === language) ?? language
}

/** Texts and values in the language of the screen. */
export function useWords() {
  const { t, te, locale } = useI18n({ useScope: 'global' })
  const region = computed(() => regional(locale.value))
  return {
    t,
    te,
    locale,
    region,
    /** The text of a code from a closed list; the code itself when the server knows a newer one. */
    word: (group: string, code: string | null | undefined) =>
      code ? (te(`${group}.${code}`) || te(`${group}.${code}`, 'es') ? t(`${group}.${code}`) : code) : '—',
    label: (row: { label_es: string; label_en: string } | undefined, code = '') =>
      row ? (locale.value === 'en' ? row.label_en : row.label_es) : code,
    money: (minor: number, currency: string) => format.money(minor, currency, region.value),
    count: (n: number) => format.count(n, region.value),
    percent: (ratio: number, places = 1) => format.percent(ratio, region.value, places),
    decimal: (n: number, places: number) => format.decimal(n, region.value, places),
    dateTime: (at: string, zone?: string) => format.dateTime(at, region.value, zone),
    day: (date: string) => format.day(date, region.value),
    dayTime: (at: string) => format.dayTime(at, region.value),
    soon: (at: string, now: number) => format.soon(at, now, region.value),
    timeOfDay: (at: string | number, zone?: string) => format.timeOfDay(at, region.value, zone),
    localTime: (at: number, zone: string) => format.localTime(at, region.value, zone),
  }
}
