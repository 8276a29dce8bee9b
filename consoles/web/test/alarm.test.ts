import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { percent } from '@/format'
import { en } from '@/i18n/en'
import { es } from '@/i18n/es'
import { alarmDetail, type AlarmWords } from '@/pages/supervisor/alarm'

function saying(locale: 'es' | 'en'): AlarmWords {
  const { global } = createI18n({ legacy: false, locale, messages: { es, en } })
  return {
    t: (key, values) => global.t(key, values ?? {}),
    word: (group, code) => (global.te(`${group}.${code}`) ? global.t(`${group}.${code}`) : code),
    percent: (share, places) => percent(share, locale, places).replace(/\s/g, ' '),
    timeOfDay: (at) => at.slice(11, 16),
    why: (said) => said,
  }
}

describe('the detail of an alarm', () => {
  it.each([
    [
      'screening_stopped', '5.9% of people taken for machines, 3.0% allowed (rolling_24h)',
      '5,9 % de las personas se tomaron por contestadores; se permite el 3,0 % (24 h). Nadie se da por contestador hasta que baje.',
      '5.9% of people taken for machines; 3.0% is allowed (24 h). Nobody is taken for a machine until it is less.',
    ],
    ['caller_id_not_permitted', '+34600000000: caller_id_unregistered', '+34600000000: Número de origen sin registrar', '+34600000000: Caller id not registered'],
    ['caller_id_not_permitted', 'hidden: caller_id_hidden', 'sin número: Número de origen oculto', 'no number: Caller id hidden'],
    [
      'inbound_share_low', '89.0% (89/100; 82.8%-93.2%) < 95% / 180 s, month',
      '89,0 % atendidas a tiempo (89 de 100; entre 82,8 % y 93,2 %); la ley pide el 95 % en 180 s (este mes)',
      '89.0% answered in time (89 of 100; 82.8% to 93.2%); the law asks 95% within 180 s (this month)',
    ],
    ['trunk_open', 'SIP 503: 5 of 5; rests until 2026-11-23T10:00:10+00:00', 'SIP 503: 5 of 5; en reposo hasta las 10:00', 'SIP 503: 5 of 5; resting until 10:00'],
    ['caller_id_blocked', 'on trunk carrier: SIP 608', 'por la troncal carrier: SIP 608', 'on trunk carrier: SIP 608'],
    ['screening_stopped', 'another story', 'another story', 'another story'],
    ['spool_low', '80 MB free', '80 MB free', '80 MB free'],
  ])('%s: %s', (kind, detail, spanish, english) => {
    expect(alarmDetail(kind, detail, saying('es'))).toBe(spanish)
    expect(alarmDetail(kind, detail, saying('en'))).toBe(english)
  })
})
