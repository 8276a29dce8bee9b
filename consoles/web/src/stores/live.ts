import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api } from '@/api/endpoints'
import { LiveClient, type Connection } from '@/live/client'
import { NOTHING, reduce, type LiveState } from '@/live/reducer'
import type { AgentRequest, Refused } from '@/live/wire'

const TICK_MS = 250
/** Two missed pings of the server: what is on the screen may be old. */
export const STALE_MS = 45_000

/** What the server says, as it says it. The only door to the live wire. */
export const useLive = defineStore('live', () => {
  const page = crypto.randomUUID()
  const state = shallowRef<LiveState>(NOTHING)
  const connection = ref<Connection>('connecting')
  const retryAt = ref(0)
  /** Why the server closed the wire last; 0 once it speaks again. */
  const closeCode = ref(0)
  const elsewhere = ref(false)
  const refused = shallowRef<Refused | null>(null)
  const now = ref(Date.now())
  let client: LiveClient | null = null
  let attached = false
  let loggedOut: () => void = () => undefined

  setInterval(() => (now.value = Date.now()), TICK_MS)
  window.addEventListener('online', () => client?.hurry())
  document.addEventListener('visibilitychange', () => document.hidden || client?.hurry())

  const serverNow = computed(() => now.value + state.value.skew)
  const agent = computed(() => state.value.agent)
  const floor = computed(() => state.value.floor)

  function start(asAgent: boolean, onLoggedOut: () => void): void {
    stop()
    loggedOut = onLoggedOut
    elsewhere.value = false
    client = new LiveClient(
      asAgent ? page : null,
      {
        connection: (next, at) => {
          connection.value = next
          retryAt.value = at
        },
        closed: (code) => (closeCode.value = code),
        message: (message) => {
          closeCode.value = 0
          state.value = reduce(state.value, message, Date.now())
          if (message.type === 'refused') refused.value = message
          if (message.type === 'agent') follow(message.page)
        },
        elsewhere: () => (elsewhere.value = true),
        loggedOut: () => loggedOut(),
      },
      {
        ticketUrl: async () => socketUrl((await api.ticket()).url),
        open: (url, protocol) => new WebSocket(url, protocol),
        now: Date.now,
        chance: Math.random,
      },
    )
    client.start()
  }

  /** Before our attachment is through, the server may still tell of an earlier page: that is not a loss. */
  function follow(shownOn: string): void {
    if (attached && shownOn !== page && shownOn !== '') elsewhere.value = true
    attached = shownOn === page
  }

  function stop(): void {
    client?.stop()
    attached = false
    client = null
    state.value = NOTHING
  }

  function send(request: AgentRequest): boolean {
    return client?.send(request) ?? false
  }

  return { page, state, connection, retryAt, closeCode, elsewhere, refused, now, serverNow, agent, floor, start, stop, send }
})

function socketUrl(path: string): string {
  const url = new URL(path, location.href)
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}
