import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { adviceFor, backoff, CAP_MS } from '@/live/backoff'
import { LiveClient, SILENCE_MS, type Connection } from '@/live/client'
import type { ServerMessage } from '@/live/wire'

/** A socket whose other end is the test. */
class Wire {
  readyState = 0
  sent: string[] = []
  closed: number | undefined
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  send(text: string): void {
    this.sent.push(text)
  }
  close(code?: number): void {
    this.closed = code ?? 1000
    this.readyState = 3
  }
  accept(): void {
    this.readyState = 1
    this.onopen?.()
  }
  say(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
  drop(code: number): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
  get asked(): unknown[] {
    return this.sent.map((text) => JSON.parse(text) as unknown)
  }
}

function scene(ticket: () => Promise<string> = () => Promise.resolve('ws://x/live')) {
  const wires: Wire[] = []
  const states: Connection[] = []
  const said: string[] = []
  const codes: number[] = []
  const client = new LiveClient(
    'page-of-test',
    {
      connection: (state) => states.push(state),
      closed: (code) => codes.push(code),
      message: () => undefined,
      elsewhere: () => said.push('elsewhere'),
      loggedOut: () => said.push('logged out'),
    },
    {
      ticketUrl: ticket,
      open: () => {
        const wire = new Wire()
        wires.push(wire)
        return wire as unknown as WebSocket
      },
      now: () => 0,
      chance: () => 0.5,
    },
  )
  return { client, wires, states, said, codes, last: () => wires[wires.length - 1] as Wire }
}

const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the live wire', () => {
  it('attaches its page as soon as it is connected', async () => {
    const { client, last, states } = scene()
    client.start()
    await settle()
    last().accept()
    expect(last().asked).toEqual([{ type: 'attach', page: 'page-of-test' }])
    expect(states).toEqual(['connecting', 'connected'])
  })

  it('answers each ping', async () => {
    const { client, last } = scene()
    client.start()
    await settle()
    last().accept()
    last().say({ type: 'ping', server_time: '2026-11-23T10:00:00Z' })
    expect(last().asked.at(-1)).toEqual({ type: 'pong' })
  })

  it('comes back with the same page and a new ticket', async () => {
    const ticket = vi.fn(() => Promise.resolve('ws://x/live'))
    const { client, wires, last, states } = scene(ticket)
    client.start()
    await settle()
    last().accept()
    last().drop(1001)
    expect(states.at(-1)).toBe('disconnected')
    await vi.advanceTimersByTimeAsync(1000)
    last().accept()
    expect(wires).toHaveLength(2)
    expect(ticket).toHaveBeenCalledTimes(2)
    expect(last().asked).toEqual([{ type: 'attach', page: 'page-of-test' }])
  })

  it('gives a silent wire up', async () => {
    const { client, wires, last } = scene()
    client.start()
    await settle()
    last().accept()
    await vi.advanceTimersByTimeAsync(SILENCE_MS)
    expect(wires[0]?.closed).toBeDefined()
    await vi.advanceTimersByTimeAsync(1000)
    expect(wires).toHaveLength(2)
  })

  it('does not fight another page for the desk', async () => {
    const { client, wires, last, said, codes } = scene()
    client.start()
    await settle()
    last().accept()
    last().drop(4409)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(said).toEqual(['elsewhere'])
    expect(codes).toEqual([4409])
    expect(wires).toHaveLength(1)
  })

  it('comes back by itself, slowly, when this user had too many pages', async () => {
    const { client, wires, last, states } = scene()
    client.start()
    await settle()
    for (let turn = 1; turn <= 3; turn += 1) {
      last().accept()
      last().drop(4430)
      expect(states.at(-1)).toBe('disconnected')
      await vi.advanceTimersByTimeAsync(CAP_MS - 1)
      expect(wires).toHaveLength(turn)
      await vi.advanceTimersByTimeAsync(1)
      expect(wires).toHaveLength(turn + 1)
    }
  })

  it('shows the login when the session is over, and waits when the server is not there', async () => {
    let status = 503
    const { client, said, states } = scene(() => Promise.reject(Object.assign(new Error('no'), { status })))
    client.start()
    await settle()
    expect(states.at(-1)).toBe('disconnected')
    status = 401
    await vi.advanceTimersByTimeAsync(1000)
    expect(said).toEqual(['logged out'])
    expect(states.at(-1)).toBe('failed')
  })

  it('says nothing more after it was stopped', async () => {
    const { client, wires, last, states } = scene()
    client.start()
    await settle()
    last().accept()
    client.stop()
    last().drop(1006)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(wires).toHaveLength(1)
    expect(states.at(-1)).toBe('connected')
  })

  it('refuses to ask without a wire', () => {
    expect(scene().client.send({ type: 'ready' })).toBe(false)
  })
})

describe('waits between attempts', () => {
  it('grow to a cap, with jitter', () => {
    expect(backoff(1, 0)).toBe(250)
    expect(backoff(1, 0.999)).toBeLessThanOrEqual(500)
    for (let attempt = 1; attempt < 40; attempt += 1) {
      expect(backoff(attempt, 0.5)).toBeGreaterThan(0)
      expect(backoff(attempt, 0.999)).toBeLessThanOrEqual(CAP_MS)
    }
  })

  it.each([[1001, 'retry'], [1006, 'retry'], [4401, 'retry'], [4408, 'retry'], [4429, 'retry'], [4503, 'retry'], [4409, 'elsewhere'], [4400, 'stop'], [4403, 'stop'], [4413, 'stop'], [4430, 'retry_slowly'], [4431, 'retry']])(
    'close code %i: %s',
    (code, advice) => expect(adviceFor(code)).toBe(advice),
  )
})
