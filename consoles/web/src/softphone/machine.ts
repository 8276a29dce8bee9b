/** The softphone's own state: media facts only. What the agent *is* comes from the server, never from here. */

export const PROBLEMS = [
  'unsupported_browser',
  'insecure_context',
  'no_account',
  'microphone_not_shared',
  'microphone_not_found',
  'microphone_busy',
  'signalling_connection_failure',
  'signalling_handshake_failure',
  'ice_collection_timeout',
  'webrtc_error',
  'audio_blocked',
] as const
export type Problem = (typeof PROBLEMS)[number]

export type PhoneStatus = 'off' | 'connecting' | 'registered' | 'answering' | 'leg_up' | 'failed'

export interface Phone {
  status: PhoneStatus
  problem: Problem | null
  muted: boolean
}

export type PhoneEvent =
  | { kind: 'started' }
  | { kind: 'stopped' }
  | { kind: 'socket_lost' }
  | { kind: 'registered' }
  | { kind: 'refused' }
  | { kind: 'leg_offered' }
  | { kind: 'leg_up' }
  | { kind: 'leg_down'; registered: boolean }
  | { kind: 'muted'; on: boolean }
  | { kind: 'problem'; problem: Problem }
  | { kind: 'cured'; problem: Problem }

export const OFF: Phone = { status: 'off', problem: null, muted: false }

/** Problems after which the phone cannot work until a person does something. */
const FATAL: ReadonlySet<Problem> = new Set<Problem>([
  'unsupported_browser', 'insecure_context', 'no_account', 'microphone_not_shared', 'microphone_not_found', 'microphone_busy',
  'signalling_handshake_failure',
])

/** Next state of the phone after one event; a lost signalling socket leaves a running leg alone. */
export function stepPhone(phone: Phone, event: PhoneEvent): Phone {
  switch (event.kind) {
    case 'started':
      return { ...OFF, status: 'connecting' }
    case 'stopped':
      return OFF
    case 'socket_lost': {
      // Media flow peer to peer: without signalling the leg goes on.
      const status = phone.status === 'leg_up' || phone.status === 'failed' ? phone.status : 'connecting'
      return { ...phone, status, problem: phone.problem ?? 'signalling_connection_failure' }
    }
    case 'registered':
      return {
        ...phone,
        status: phone.status === 'leg_up' || phone.status === 'answering' ? phone.status : 'registered',
        problem: isSignalling(phone.problem) ? null : phone.problem,
      }
    case 'refused':
      return { ...phone, status: phone.status === 'leg_up' ? 'leg_up' : 'failed', problem: 'signalling_handshake_failure' }
    case 'leg_offered':
      return { ...phone, status: 'answering' }
    case 'leg_up':
      return { ...phone, status: 'leg_up', problem: isMedia(phone.problem) ? null : phone.problem }
    case 'leg_down':
      return { ...phone, status: event.registered ? 'registered' : 'connecting', muted: false }
    case 'muted':
      return { ...phone, muted: event.on }
    case 'problem':
      return { ...phone, status: FATAL.has(event.problem) ? 'failed' : phone.status, problem: event.problem }
    case 'cured':
      return phone.problem === event.problem ? { ...phone, problem: null } : phone
  }
}

function isSignalling(problem: Problem | null): boolean {
  return problem === 'signalling_connection_failure' || problem === 'signalling_handshake_failure'
}

function isMedia(problem: Problem | null): boolean {
  return problem === 'ice_collection_timeout' || problem === 'webrtc_error'
}

/** The named problem behind an error of getUserMedia. */
export function problemOfMicrophone(name: string): Problem {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'microphone_not_shared'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'microphone_not_found'
    case 'NotReadableError':
    case 'AbortError':
      return 'microphone_busy'
    default:
      return 'webrtc_error'
  }
}

/** What is missing before anything was tried; null when this browser can be a phone. */
export function problemOfBrowser(able: { secure: boolean; media: boolean; rtc: boolean }): Problem | null {
  if (!able.secure) return 'insecure_context'
  return able.media && able.rtc ? null : 'unsupported_browser'
}
