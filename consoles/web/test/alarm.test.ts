import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import samples from './alarms.json'
import { percent } from '@/format'
import { en } from '@/i18n/en'
import { es } from '@/i18n/es'
import { alarmDetail, alarmSubject, type AlarmWords } from '@/pages/supervisor/alarm'

function saying(locale: 'es' | 'en'): AlarmWords {
  const { global } = createI18n({ legacy: false, locale, messages: { es, en } })
  return {
    t: (key, values) => global.t(key, values ?? {}),
    word: (group, code) => (global.te(`${group}.${code}`) ? global.t(`${group}.${code}`) : code),
    percent: (share, places) => percent(share, locale, places).replace(/\s/g, ' '),
    timeOfDay: (at) => at.slice(11, 16),
    day: (date) => date,
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
    ['screening_stopped', 'another story', '«another story»', '“another story”'],
    ['spool_low', '80 MB free', 'Quedan 80 MB libres.', '80 MB are free.'],
    ['clock_in_doubt', 'this machine and the database differ by 3000 s', 'Esta máquina y la base de datos difieren en 3000 s: mire su NTP.', 'This machine and the database differ by 3000 s: look at their NTP.'],
    ['order_given_again', 'Bridge', 'Se repitió «unir la llamada» porque no se había cumplido.', '“join the call” was ordered again, since it had not been done.'],
    ['call_in_refused', '40 calls wait to be taken in', 'Ya esperaban 40 llamadas por atender; quien llamó oyó el mensaje.', '40 calls were waiting to be taken in; the caller heard the message.'],
    ['from_a_newer_server', '', '', ''],
  ])('%s: %s', (kind, detail, spanish, english) => {
    expect(alarmDetail(kind, detail, saying('es'))).toBe(spanish)
    expect(alarmDetail(kind, detail, saying('en'))).toBe(english)
  })
})

/** tests/unit/consoles/test_alarm_kinds.py holds these against all that the code raises. */
describe('every alarm that the code raises', () => {
  it.each(Object.entries(samples))('%s has a name and a text in both languages', (kind, details) => {
    for (const said of ['es', 'en'] as const) expect(saying(said).word('alarm', kind)).not.toBe(kind)
    for (const detail of details) {
      const [spanish, english] = (['es', 'en'] as const).map((one) => alarmDetail(kind, detail, saying(one)))
      expect(spanish, detail).not.toBe(english)
      for (const text of [spanish, english]) {
        expect(text).not.toMatch(/[{}]|alarmText/)
        expect(text, 'not only quoted').not.toMatch(/^[«“].*[»”]$/)
      }
      expect(spanish).not.toBe(detail)
    }
  })

  it('is about a part of the machine by its name', () => {
    expect(alarmSubject('spool', saying('es'))).toBe('disco de grabación')
    expect(alarmSubject('spring day', saying('en'))).toBe('spring (today)')
    expect(alarmSubject('carrier', saying('es'))).toBe('carrier')
  })
})
