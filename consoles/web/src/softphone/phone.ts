/** JsSIP shell: registers, answers the server's leg, mutes, holds, sends tones. Reports facts, decides nothing. */
import JsSIP from 'jssip'
import type { RTCSession } from 'jssip/lib/RTCSession'
import type { SipAccount } from '@/api/types'
import { gatheringCap } from '@/softphone/ice'
import { neverPutDown } from '@/softphone/leaving'
import type { PhoneEvent } from '@/softphone/machine'
import { countersOf, type Counters } from '@/softphone/quality'

const ICE_LIMIT_MS = 5000

export class Softphone {
  private readonly ua: JsSIP.UA
  private readonly socket: JsSIP.WebSocketInterface
  private leg: RTCSession | null = null

  constructor(
    private readonly account: SipAccount,
    private stream: MediaStream,
    private readonly speaker: HTMLAudioElement,
    private readonly report: (event: PhoneEvent) => void,
  ) {
    this.socket = new JsSIP.WebSocketInterface(account.ws_url)
    this.ua = new JsSIP.UA({
      sockets: [this.socket],
      uri: account.uri,
      authorization_user: account.user,
      password: account.password,
      session_timers: false,
      register_expires: 120,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 10,
      user_agent: 'Cadencia',
    })
    this.ua.on('disconnected', () => this.report({ kind: 'socket_lost' }))
    this.ua.on('registered', () => this.report({ kind: 'registered' }))
    this.ua.on('registrationFailed', (event) => {
      const lost = event.cause === JsSIP.C.causes.CONNECTION_ERROR || event.cause === JsSIP.C.causes.REQUEST_TIMEOUT
      this.report({ kind: lost ? 'socket_lost' : 'refused' })
    })
    this.ua.on('newRTCSession', (event: { originator: string; session: RTCSession }) => {
      if (event.originator === 'remote') this.answer(event.session)
    })
  }

  start(): void {
    this.report({ kind: 'started' })
    this.ua.start()
  }

  /** End of the shift: hang up and unregister. */
  stop(): void {
    this.ua.stop()
    this.report({ kind: 'stopped' })
  }

  /** Another page has taken over: go silent without a word to the PBX, which already calls the other page. */
  abandon(): void {
    this.leg?.connection?.close()
    this.leg = null
    this.socket.disconnect()
    this.report({ kind: 'stopped' })
  }

  mute(on: boolean): void {
    if (!this.leg) return
    if (on) this.leg.mute({ audio: true })
    else this.leg.unmute({ audio: true })
    this.report({ kind: 'muted', on })
  }

  /** Ask for hold or resume by re-INVITE; false when one is still under way. */
  hold(on: boolean): boolean {
    const leg = this.leg
    if (!leg?.isEstablished()) return false
    if (leg.isOnHold().local === on) return true
    return on ? leg.hold() : leg.unhold()
  }

  /** One key of the pad, by RFC 4733 in the media. */
  tone(key: string): void {
    this.leg?.sendDTMF(key, { duration: 120, interToneGap: 80, transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 })
  }

  /** Speak through another microphone from now on. */
  async useStream(stream: MediaStream): Promise<void> {
    this.stream = stream
    const [track] = stream.getAudioTracks()
    const sender = this.leg?.connection?.getSenders().find((one) => one.track?.kind === 'audio')
    if (!sender || !track) return
    track.enabled = sender.track?.enabled ?? true
    await sender.replaceTrack(track)
  }

  /** Counters of the media now; null without a leg. */
  async counters(): Promise<Counters | null> {
    const connection = this.leg?.connection
    if (!connection || connection.connectionState === 'closed') return null
    const entries: Record<string, unknown>[] = []
    const report = await connection.getStats()
    report.forEach((entry: Record<string, unknown>) => entries.push(entry))
    return countersOf(entries)
  }

  private answer(session: RTCSession): void {
    const earlier = this.leg
    this.leg = session
    neverPutDown(session)
    this.report({ kind: 'leg_offered' })
    this.capGathering(session)
    session.on('peerconnection', ({ peerconnection }) => {
      peerconnection.addEventListener('track', (event) => this.listen(event.streams[0] ?? new MediaStream([event.track])))
    })
    session.on('confirmed', () => {
      if (this.leg === session) this.report({ kind: 'leg_up' })
    })
    session.on('ended', () => this.gone(session))
    session.on('failed', (event) => {
      if (this.leg === session && event.originator === 'local') this.report({ kind: 'problem', problem: 'webrtc_error' })
      this.gone(session)
    })
    // Each leg starts with an open microphone, whatever an earlier one did to the shared track.
    for (const track of this.stream.getAudioTracks()) track.enabled = true
    session.answer({ mediaStream: this.stream, pcConfig: { iceServers: this.account.ice_servers } })
    // A new leg while one is up: the server has given the earlier one up for lost.
    if (earlier && !earlier.isEnded()) earlier.terminate()
  }

  private capGathering(session: RTCSession): void {
    const cap = gatheringCap(this.account.ice_servers)
    const limit = setTimeout(() => {
      if (!session.isEstablished() && !session.isEnded()) {
        this.report({ kind: 'problem', problem: 'ice_collection_timeout' })
      }
    }, ICE_LIMIT_MS)
    session.on('icecandidate', (event) => {
      const wait = cap(event.candidate.type)
      if (wait !== null) setTimeout(() => event.ready(), wait)
    })
    session.on('confirmed', () => clearTimeout(limit))
  }

  private listen(stream: MediaStream): void {
    this.speaker.srcObject = stream
    this.speaker.play().then(
      () => this.report({ kind: 'cured', problem: 'audio_blocked' }),
      (error: DOMException) => {
        if (error.name === 'NotAllowedError') this.report({ kind: 'problem', problem: 'audio_blocked' })
      },
    )
  }

  private gone(session: RTCSession): void {
    if (this.leg !== session) return
    this.leg = null
    this.report({ kind: 'leg_down', registered: this.ua.isRegistered() })
  }
}
