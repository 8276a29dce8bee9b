/** Whom the hang-up key means: in the first second of a new call perhaps the one before it. Pure. */

/** For so long after a new person is on the line the key asks again before it hangs up. */
export const FRESH_MS = 1000
/** A second press sooner than this belongs to the first: a nervous finger is no answer. */
export const AGAIN_MS = 400
/** The question stands for so long. */
export const ASKS_MS = 5000

/** The call that the key would end, and since when it is on this page. */
export interface Arrival {
  callId: string
  at: number
}

/** What was asked, and when. */
export type Asked = Arrival | null

export type Meaning = 'hang_up' | 'ask' | 'nothing'

/** What a press now means. */
export function pressed(call: Arrival, asked: Asked, now: number): Meaning {
  if (asks(call, asked, now)) return now - asked!.at < AGAIN_MS ? 'nothing' : 'hang_up'
  return now - call.at < FRESH_MS ? 'ask' : 'hang_up'
}

/** Whether the question stands now. */
export function asks(call: Arrival, asked: Asked, now: number): boolean {
  return asked !== null && asked.callId === call.callId && now - asked.at < ASKS_MS
}
