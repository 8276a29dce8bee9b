import { describe, expect, it } from 'vitest'
import { OFF, problemOfBrowser, problemOfMicrophone, stepPhone, type Phone, type PhoneEvent } from '@/softphone/machine'
import { neverPutDown } from '@/softphone/leaving'
import { countersOf, mos, qualityBetween } from '@/softphone/quality'

function after(...events: PhoneEvent[]): Phone {
  return events.reduce(stepPhone, OFF)
}
const UP: PhoneEvent[] = [{ kind: 'started' }, { kind: 'registered' }, { kind: 'leg_offered' }, { kind: 'leg_up' }]

describe('the softphone', () => {
  it('registers, is called and has its leg up', () => {
    expect(after(...UP)).toEqual({ status: 'leg_up', problem: null, muted: false })
  })

  it('keeps the leg when signalling is lost, and heals when it is back', () => {
    const lost = after(...UP, { kind: 'socket_lost' })
    expect(lost).toMatchObject({ status: 'leg_up', problem: 'signalling_connection_failure' })
    expect(stepPhone(lost, { kind: 'registered' })).toMatchObject({ status: 'leg_up', problem: null })
  })

  it('starts each leg unmuted', () => {
    const gone = after(...UP, { kind: 'muted', on: true }, { kind: 'leg_down', registered: true })
    expect(gone).toEqual({ status: 'registered', problem: null, muted: false })
  })

  it('stays failed without a microphone', () => {
    const denied = after({ kind: 'problem', problem: 'microphone_not_shared' }, { kind: 'socket_lost' })
    expect(denied).toMatchObject({ status: 'failed', problem: 'microphone_not_shared' })
  })

  it('says that the PBX refuses the account', () => {
    expect(after({ kind: 'started' }, { kind: 'refused' })).toMatchObject({ status: 'failed', problem: 'signalling_handshake_failure' })
  })

  it('forgets a problem only when that one is cured', () => {
    const blocked = after(...UP, { kind: 'problem', problem: 'audio_blocked' })
    expect(stepPhone(blocked, { kind: 'cured', problem: 'webrtc_error' }).problem).toBe('audio_blocked')
    expect(stepPhone(blocked, { kind: 'cured', problem: 'audio_blocked' }).problem).toBeNull()
  })

  it('takes an earlier media problem back when a leg comes up', () => {
    const late = after({ kind: 'started' }, { kind: 'registered' }, { kind: 'problem', problem: 'ice_collection_timeout' })
    expect(stepPhone(late, { kind: 'leg_up' }).problem).toBeNull()
  })

  it.each([
    ['NotAllowedError', 'microphone_not_shared'], ['NotFoundError', 'microphone_not_found'], ['NotReadableError', 'microphone_busy'],
    ['TypeError', 'webrtc_error'],
  ])('names %s', (name, problem) => expect(problemOfMicrophone(name)).toBe(problem))

  it('knows what a browser lacks', () => {
    expect(problemOfBrowser({ secure: false, media: false, rtc: true })).toBe('insecure_context')
    expect(problemOfBrowser({ secure: true, media: false, rtc: true })).toBe('unsupported_browser')
    expect(problemOfBrowser({ secure: true, media: true, rtc: true })).toBeNull()
  })
})

describe('a goodbye of the softphone', () => {
  it('always says that it failed, whoever ends the leg: the agent hangs up with a key, never with this phone', () => {
    const said: unknown[] = []
    const session = { terminate: (options?: object) => void said.push(options) }
    neverPutDown(session)
    session.terminate()
    session.terminate({ status_code: 408, extraHeaders: ['X: 1'] })
    const reason = 'Reason: Q.850;cause=41;text="Cadencia softphone"'
    expect(said).toEqual([{ extraHeaders: [reason] }, { status_code: 408, extraHeaders: ['X: 1', reason] }])
  })
})

describe('quality of the media', () => {
  it('is near the top on a clean line and falls with loss and delay', () => {
    expect(mos(0, 0, 0)).toBeGreaterThan(4.3)
    expect(mos(0.05, 20, 100)).toBeLessThan(mos(0.01, 20, 100))
    expect(mos(0, 20, 600)).toBeLessThan(mos(0, 20, 100))
    expect(mos(1, 500, 5000)).toBe(1)
  })

  it('is that of the time between two readings', () => {
    const before = { lost: 100, received: 1000, jitter: 0.5, rtt: 1 }
    const quality = qualityBetween(before, { lost: 100, received: 1150, jitter: 0.004, rtt: 0.03 })
    expect(quality).toMatchObject({ loss: 0, jitter: 4, rtt: 30, grade: 'good' })
    expect(qualityBetween(before, { lost: 150, received: 1100, jitter: 0.03, rtt: 0.1 })?.grade).toBe('poor')
  })

  it('is unknown when nothing arrived', () => {
    const still = { lost: 0, received: 10, jitter: 0, rtt: null }
    expect(qualityBetween(still, still)).toBeNull()
  })

  it('is read from the counters of the browser', () => {
    const report = [
      { type: 'inbound-rtp', kind: 'audio', packetsLost: 3, packetsReceived: 97, jitter: 0.01 },
      { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.2 },
      { type: 'remote-inbound-rtp', roundTripTime: 0.05 },
      { type: 'inbound-rtp', kind: 'video', packetsLost: 50, packetsReceived: 1, jitter: 1 },
    ]
    expect(countersOf(report)).toEqual({ lost: 3, received: 97, jitter: 0.01, rtt: 0.05 })
  })
})
