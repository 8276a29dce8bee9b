/** The one websocket of a page: ticket, sub-protocol, attach, pings, reconnection. Decides nothing about state. */
import { adviceFor, backoff, CAP_MS } from '@/live/backoff'
import { SUBPROTOCOL, type AgentRequest, type ServerMessage } from '@/live/wire'

export type Connection = 'connecting' | 'connected' | 'disconnected' | 'failed'

export interface LiveEvents {
  connection(state: Connection, retryAt: number): void
  /** Why the server closed the wire. */
  closed(code: number): void
  message(message: ServerMessage): void
  elsewhere(): void
  loggedOut(): void
}

export interface Surroundings {
  ticketUrl(): Promise<string>
  open(url: string, protocol: string): WebSocket
  now(): number
  chance(): number
}

/** No sign of life for this long means a dead wire, whatever the browser believes. Server pings come every 20 s. */
export const SILENCE_MS = 50_000
const STABLE_MS = 5_000

export class LiveClient {
  private socket: WebSocket | null = null
  private attempt = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private stable: ReturnType<typeof setTimeout> | undefined
  private wanted = false
  private generation = 0

  constructor(
    private readonly page: string | null,
    private readonly events: LiveEvents,
    private readonly around: Surroundings,
  ) {}

  /** Connect and stay connected until stop(). */
  start(): void {
    this.wanted = true
    this.attempt = 0
    void this.connect()
  }

  /** Close for good; nothing is reported any more. */
  stop(): void {
    this.wanted = false
    this.generation += 1
    this.clearTimers()
    this.socket?.close(1000)
    this.socket = null
  }

  /** Try now instead of at the end of the wait (network is back, tab woke up). */
  hurry(): void {
    if (!this.wanted || this.socket !== null) return
    clearTimeout(this.retry)
    void this.connect()
  }

  /** Ask something of the server; false when there is no wire to ask on. */
  send(request: AgentRequest): boolean {
    if (this.socket?.readyState !== 1) return false
    this.socket.send(JSON.stringify(request))
    return true
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation
    this.events.connection('connecting', 0)
    let url: string
    try {
      url = await this.around.ticketUrl()
    } catch (error) {
      if (generation !== this.generation) return
      if ((error as { status?: number }).status === 401) return this.give('loggedOut')
      if ((error as { status?: number }).status === 403) return this.give('failed')
      return this.later()
    }
    if (generation !== this.generation || !this.wanted) return
    this.listen(this.around.open(url, SUBPROTOCOL), generation)
  }

  private listen(socket: WebSocket, generation: number): void {
    this.socket = socket
    this.heard(socket)
    socket.onopen = () => {
      if (this.page !== null) this.send({ type: 'attach', page: this.page })
      this.stable = setTimeout(() => (this.attempt = 0), STABLE_MS)
      this.events.connection('connected', 0)
    }
    socket.onmessage = (event: MessageEvent<string>) => {
      this.heard(socket)
      const message = JSON.parse(event.data) as ServerMessage
      if (message.type === 'ping') this.send({ type: 'pong' })
      this.events.message(message)
    }
    socket.onclose = (event) => {
      if (generation === this.generation) this.lost(event.code)
    }
  }

  private heard(socket: WebSocket): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => {
      if (this.socket !== socket) return
      // A half-dead socket may never say that it closed: leave it behind.
      this.generation += 1
      socket.close()
      this.lost(1006)
    }, SILENCE_MS)
  }

  private lost(code: number): void {
    this.clearTimers()
    this.socket = null
    if (!this.wanted) return
    this.events.closed(code)
    const advice = adviceFor(code)
    if (advice === 'elsewhere') return this.give('elsewhere')
    if (advice === 'stop') return this.give('failed')
    this.later(advice === 'retry_slowly' ? CAP_MS : 0)
  }

  private later(least = 0): void {
    this.attempt += 1
    const wait = Math.max(least, backoff(this.attempt, this.around.chance()))
    this.events.connection('disconnected', this.around.now() + wait)
    this.retry = setTimeout(() => void this.connect(), wait)
  }

  private give(what: 'elsewhere' | 'failed' | 'loggedOut'): void {
    this.wanted = false
    this.clearTimers()
    this.events.connection('failed', 0)
    if (what === 'elsewhere') this.events.elsewhere()
    if (what === 'loggedOut') this.events.loggedOut()
  }

  private clearTimers(): void {
    clearTimeout(this.retry)
    clearTimeout(this.silence)
    clearTimeout(this.stable)
  }
}
