import { describe, expect, it } from 'vitest'
import type { Disposition } from '@/api/types'
import { EMPTY, faults, matching, request } from '@/pages/agent/draft'
import { chordOf } from '@/ui/keys'

const NOW = Date.parse('2026-11-23T16:00:00Z')
const BOUNDS = { currency: 'EUR', zone: 'Europe/Madrid', now: NOW, today: '2026-11-23' }

function code(name: string, requires: Disposition['requires'] = '', label = name): Disposition {
  return { code: name, label_es: label, label_en: label, kind: 'right_party', requires, effect: '', hotkey: null }
}
const PROMISE = code('promise', 'promise', 'Promesa de pago')
const CALLBACK = code('callback', 'callback', 'Rellamada')
const REFUSES = code('refuses', '', 'Se niega a pagar')

describe('a disposition', () => {
  it('needs a code', () => expect(faults(EMPTY, undefined, BOUNDS)).toEqual(['code']))

  it('of a promise needs amount and date', () => {
    expect(faults(EMPTY, PROMISE, BOUNDS)).toEqual(['amount', 'promise_on'])
    expect(faults({ ...EMPTY, amount: '50', promiseOn: '2026-11-22' }, PROMISE, BOUNDS)).toEqual(['promise_past'])
    expect(faults({ ...EMPTY, amount: '50', promiseOn: '2026-11-23' }, PROMISE, BOUNDS)).toEqual([])
  })

  it('of a callback needs an instant to come', () => {
    expect(faults(EMPTY, CALLBACK, BOUNDS)).toEqual(['callback'])
    expect(faults({ ...EMPTY, callbackAt: '2026-11-23T16:59' }, CALLBACK, BOUNDS)).toEqual(['callback_past'])
    expect(faults({ ...EMPTY, callbackAt: '2026-11-23T17:01' }, CALLBACK, BOUNDS)).toEqual([])
  })

  it('is sent in minor units and in UTC, without what its code does not ask for', () => {
    const draft = { code: '', notes: ' paga ', amount: '1.234,50', promiseOn: '2026-12-01', callbackAt: '2026-11-24T10:00', callbackMine: true }
    expect(request('c1', draft, PROMISE, BOUNDS)).toEqual({
      type: 'dispose', call_id: 'c1', code: 'promise', notes: 'paga', promise_minor: 123450, promise_on: '2026-12-01', callback_at: null, callback_mine: false,
    })
    expect(request('c1', draft, CALLBACK, BOUNDS)).toMatchObject({ promise_minor: null, promise_on: null, callback_at: '2026-11-24T09:00:00.000Z' })
    expect(request('c1', draft, REFUSES, BOUNDS)).toMatchObject({ promise_minor: null, promise_on: null, callback_at: null })
  })

  it('is found by any part of its words, accents aside', () => {
    const all = [PROMISE, CALLBACK, REFUSES, code('wrong_number', '', 'Número equivocado')]
    const found = (typed: string) => matching(all, typed, (one) => one.label_es).map((one) => one.code)
    expect(found('numero')).toEqual(['wrong_number'])
    expect(found('pag prom')).toEqual(['promise'])
    expect(found('')).toHaveLength(4)
    expect(found('nada')).toEqual([])
  })
})

describe('chords', () => {
  const key = (change: Partial<KeyboardEvent>) =>
    chordOf({ key: '', code: '', altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...change })

  it('are told apart', () => {
    expect(key({ key: 'F2', code: 'F2' })).toBe('F2')
    expect(key({ key: '1', code: 'Digit1', altKey: true })).toBe('Alt+1')
    // With Alt a Mac types another sign, and AltGr layouts too: the position of the key counts.
    expect(key({ key: '¡', code: 'Digit1', altKey: true })).toBe('Alt+1')
    expect(key({ key: 'Enter', code: 'Enter', ctrlKey: true })).toBe('Ctrl+Enter')
    expect(key({ key: 'Enter', code: 'Enter', metaKey: true })).toBe('Ctrl+Enter')
    expect(key({ key: '?', code: 'Minus', shiftKey: true })).toBe('?')
    expect(key({ key: 'k', code: 'KeyK' })).toBe('K')
  })
})
