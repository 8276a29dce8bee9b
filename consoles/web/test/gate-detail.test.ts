import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { en } from '@/i18n/en'
import { es } from '@/i18n/es'
import { gateDetail, type Say } from '@/pages/supervisor/gateDetail'

function saying(locale: 'es' | 'en'): Say {
  const { global } = createI18n({ legacy: false, locale, messages: { es, en } })
  return (key, values) => global.t(key, values ?? {})
}

describe('what stands beside a rule that refused', () => {
  it.each([
    ['3 of 3', '3 de 3', '3 of 3'],
    ['3 of 3 on the line', '3 de 3, en la línea', '3 of 3, on the line'],
    ['after conversation', 'tras una conversación', 'after a conversation'],
    ['after machine on the line', 'tras un contestador, en la línea', 'after a machine, on the line'],
    ['not +346, +347', 'no con +346, +347', 'not with +346, +347'],
    ['+34, +351', '+34, +351', '+34, +351'],
    ['FR', 'FR', 'FR'],
    ['voice', 'llamadas', 'calls'],
    ['whatsapp is not in the pack', 'WhatsApp', 'WhatsApp'],
    ['the pack does not hold yet', 'las reglas aún no rigen', 'the rules do not hold yet'],
    ['only with a trained agent who waits for the call', 'solo con un agente formado que espere la llamada', 'only with a trained agent who waits for the call'],
    ['Europe/Madrid 2026-11-24T23:00', 'Europe/Madrid 2026-11-24 23:00', 'Europe/Madrid 2026-11-24 23:00'],
    ['', '', ''],
  ])('%s', (detail, spanish, english) => {
    expect(gateDetail(detail, saying('es'))).toBe(spanish)
    expect(gateDetail(detail, saying('en'))).toBe(english)
  })
})
