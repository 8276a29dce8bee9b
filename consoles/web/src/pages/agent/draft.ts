/** The disposition being filled in: what is missing and what is sent, as pure functions. */
import type { Disposition } from '@/api/types'
import { minorFrom } from '@/format'
import type { Dispose } from '@/live/wire'
import { instantIn } from '@/zone'

export interface Draft {
  code: string
  notes: string
  amount: string
  promiseOn: string
  /** Wall-clock time in the person's zone, 'YYYY-MM-DDTHH:mm'. */
  callbackAt: string
  /** Whether the agent wants to make the callback; else it is anyone's. */
  callbackMine: boolean
}

export const EMPTY: Draft = { code: '', notes: '', amount: '', promiseOn: '', callbackAt: '', callbackMine: false }

export type Fault = 'code' | 'amount' | 'promise_on' | 'promise_past' | 'callback' | 'callback_past'

export interface Bounds {
  currency: string
  zone: string
  /** Server time, ms. */
  now: number
  /** Today for the person, 'YYYY-MM-DD'. */
  today: string
}

/** What still keeps this draft from being saved. */
export function faults(draft: Draft, chosen: Disposition | undefined, bounds: Bounds): Fault[] {
  if (!chosen) return ['code']
  const found: Fault[] = []
  if (chosen.requires === 'promise') {
    if (minorFrom(draft.amount, bounds.currency) === null) found.push('amount')
    if (!draft.promiseOn) found.push('promise_on')
    else if (draft.promiseOn < bounds.today) found.push('promise_past')
  }
  if (chosen.requires === 'callback') {
    const at = instantIn(draft.callbackAt, bounds.zone)
    if (at === null) found.push('callback')
    else if (at.getTime() <= bounds.now) found.push('callback_past')
  }
  return found
}

/** The request for a draft without faults; fields that the chosen code does not ask for stay empty. */
export function request(callId: string, draft: Draft, chosen: Disposition, bounds: Bounds): Dispose {
  const promise = chosen.requires === 'promise'
  const callback = chosen.requires === 'callback'
  return {
    type: 'dispose',
    call_id: callId,
    code: chosen.code,
    notes: draft.notes.trim(),
    promise_minor: promise ? minorFrom(draft.amount, bounds.currency) : null,
    promise_on: promise ? draft.promiseOn : null,
    callback_at: callback ? (instantIn(draft.callbackAt, bounds.zone)?.toISOString() ?? null) : null,
    callback_mine: callback && draft.callbackMine,
  }
}

/** Codes whose label contains every word typed, accents and case aside. */
export function matching(all: Disposition[], typed: string, label: (one: Disposition) => string): Disposition[] {
  const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  const words = plain(typed).split(/\s+/).filter(Boolean)
  return all.filter((one) => words.every((word) => plain(`${label(one)} ${one.code}`).includes(word)))
}
