import { describe, expect, it } from 'vitest'
import { firstLanguage } from '@/i18n/first'

describe('the first language', () => {
  it('is the one that was spoken here last', () => {
    expect(firstLanguage('en', ['es-ES'])).toBe('en')
    expect(firstLanguage('es', ['en'])).toBe('es')
  })

  it('is else the first of ours that the browser asks for', () => {
    expect(firstLanguage(null, ['en-GB', 'es'])).toBe('en')
    expect(firstLanguage(null, ['fr', 'EN-us', 'es'])).toBe('en')
    expect(firstLanguage(null, ['es-419'])).toBe('es')
  })

  it('is Spanish for whoever asks for neither', () => {
    expect(firstLanguage(null, ['fr-FR'])).toBe('es')
    expect(firstLanguage('tlh', [])).toBe('es')
  })
})
