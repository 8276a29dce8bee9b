import type { Locale } from '@/api/types'

/** What was spoken here last; the first time, the language of ours that the browser asks for first. */
export function firstLanguage(remembered: string | null, wanted: readonly string[]): Locale {
  const ours = [remembered, ...wanted].map((one) => one?.split('-')[0]?.toLowerCase()).find((one) => one === 'es' || one === 'en')
  return ours === 'en' ? 'en' : 'es'
}
