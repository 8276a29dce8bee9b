import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { IceServer, SipAccount } from '@/api/types'
import { ASKING_MS, CAP_MS, gatheringCap } from '@/softphone/ice'
import { Softphone } from '@/softphone/phone'

const STUN: IceServer = { urls: ['stun:stun.example.com'], username: '', credential: '' }
const TURN: IceServer = { urls: ['turn:turn.example.com?transport=udp'], username: '1:agent-01', credential: 'x=' }

describe('how long a leg gathers addresses', () => {
  it('is a moment where nobody is to be asked', () => {
    const cap = gatheringCap([])
    expect([cap('host'), cap('host')]).toEqual([CAP_MS, null])
  })

  it('counts from what STUN saw, and has an end where STUN is silent', () => {
    const cap = gatheringCap([STUN])
    expect([cap('host'), cap('host'), cap('srflx'), cap('srflx')]).toEqual([ASKING_MS, null, CAP_MS, null])
  })

  it('waits for the relay where there is TURN, not for what STUN saw', () => {
    const cap = gatheringCap([STUN, TURN])
    expect([cap('host'), cap('srflx'), cap('relay'), cap('host')]).toEqual([ASKING_MS, null, CAP_MS, null])
  })
})

/** The PBX at the other end of the websocket: takes the registration, then calls with an INVITE. */
class Pbx {
  readonly OPEN = 1
  readyState = 1
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  constructor(readonly url: string) {
    queueMicrotask(() => this.onopen?.())
  }
  send(data: string): void {
    if (data.startsWith('REGISTER')) queueMicrotask(() => this.welcome(data))
  }
  close(): void {
    this.readyState = 3
  }
  private welcome(register: string): void {
    const kept = register.split('\r\n').filter((line) => /^(via|from|call-id|cseq|contact):/i.test(line))
    const to = register.split('\r\n').find((line) => line.startsWith('To:'))
    this.say(['SIP/2.0 200 OK', ...kept, `${to};tag=pbx`])
    const target = /^Contact: <([^>]+)>/m.exec(register)?.[1]
    this.say([
      `INVITE ${target} SIP/2.0`, 'Via: SIP/2.0/WS pbx.example;branch=z9hG4bK1', 'Max-Forwards: 70',
      'From: <sip:pbx@pbx.example>;tag=a', 'To: <sip:ana@pbx.example>', 'Call-ID: leg', 'CSeq: 1 INVITE',
      'Contact: <sip:pbx@pbx.example>', 'Content-Type: application/sdp',
    ], 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 192.0.2.1\r\n')
  }
  private say(lines: string[], body = ''): void {
    this.onmessage?.({ data: [...lines, `Content-Length: ${body.length}`, '', body].join('\r\n') })
  }
}

/** Stands where the browser's peer connection would, and tells the test what it was made with. */
function peerConnections(): { made: Promise<RTCConfiguration>; kind: unknown } {
  let tell: (config: RTCConfiguration) => void = () => undefined
  const made = new Promise<RTCConfiguration>((done) => (tell = done))
  class Peer extends EventTarget {
    connectionState = 'new'
    iceConnectionState = 'new'
    signalingState = 'stable'
    constructor(config: RTCConfiguration) {
      super()
      tell(config)
    }
    setRemoteDescription = () => Promise.resolve()
    addTrack = () => undefined
    createAnswer = () => new Promise(() => undefined)
    close = () => undefined
  }
  return { made, kind: Peer }
}

const ACCOUNT: SipAccount = {
  endpoint: 'agent-01', user: 'ana', password: 'secret', domain: 'pbx.example', uri: 'sip:ana@pbx.example',
  ws_url: 'wss://pbx.example/ws', ice_servers: [STUN, TURN],
}

describe('the leg of a softphone', () => {
  const peers = peerConnections()
  beforeEach(() => {
    vi.stubGlobal('window', globalThis)
    vi.stubGlobal('WebSocket', Pbx)
    vi.stubGlobal('RTCPeerConnection', peers.kind)
    vi.stubGlobal('RTCSessionDescription', class { constructor(readonly of: object) {} })
  })
  afterEach(() => void vi.unstubAllGlobals())

  it('is made with the STUN and TURN servers of the account', async () => {
    const silence = { getAudioTracks: () => [], getTracks: () => [] } as unknown as MediaStream
    const phone = new Softphone(ACCOUNT, silence, {} as HTMLAudioElement, () => undefined)
    phone.start()
    expect((await peers.made).iceServers).toEqual([STUN, TURN])
    phone.abandon()
  })
})
