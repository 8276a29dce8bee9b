import { describe, expect, it } from 'vitest'
import { newer, NOTHING, reduce, type LiveState } from '@/live/reducer'
import type { AgentRow, AgentView, CampaignView, FloorView, ServerMessage } from '@/live/wire'

const AT = Date.parse('2026-11-23T10:00:00Z')

function view(epoch: number, seq: number, change: Partial<AgentView> = {}): AgentView {
  return {
    type: 'agent', epoch, seq, state: 'paused', since: '2026-11-23T10:00:00Z', server_time: '2026-11-23T10:00:00Z', pause_code: 'login',
    next_pause: '', leg: 'up', held: false, deadline_at: null, call: null, preview: null, by_hand: false, last_outcome: '', calls_today: 0, page: 'page-one', ...change,
  }
}

function agent(id: number, state: AgentRow['state'] = 'ready'): AgentRow {
  return {
    id, name: `A${id}`, state, since: null, pause_code: '', leg: 'up', held: false, attached: true, call_campaign: '', masked_number: '', calls_today: 0,
  }
}

function campaign(id: number, ready: number): CampaignView {
  return {
    id, code: 'c', name: 'C', status: 'running', mode: 'predictive', calls_per_agent: 2, settings_version: 1, dialing: 0, ringing: 0, screening: 0,
    waiting: 0, connected: 0, ready, paused: 0, wrap_up: 0, live_answers: 0, abandoned: 0, leads_left: 0, capped: false, last_decision: '', target: 0.02,
    windows: [], forecast: null, idle_seconds: null, learned: null,
  }
}

function floor(epoch: number, seq: number, whole: boolean, agents: AgentRow[], campaigns: CampaignView[] = []): FloorView {
  return { type: 'floor', epoch, seq, whole, server_time: '2026-11-23T10:00:00Z', campaigns, agents, pbx_up: true, alarms: 0 }
}

function after(...messages: ServerMessage[]): LiveState {
  return messages.reduce((state, message) => reduce(state, message, AT), NOTHING)
}

describe('order of views', () => {
  it.each([
    [1, 5, 1, 6, true], [1, 5, 1, 5, false], [1, 5, 1, 4, false], [1, 5, 2, 1, true], [2, 1, 1, 99, false],
  ])('(%i, %i) then (%i, %i): %s', (epoch, seq, nextEpoch, nextSeq, taken) => {
    expect(newer({ epoch, seq }, { epoch: nextEpoch, seq: nextSeq })).toBe(taken)
  })

  it('shows an agent only what is newer', () => {
    const state = after(view(1, 2, { state: 'on_call' }), view(1, 1, { state: 'ready' }))
    expect(state.agent?.state).toBe('on_call')
  })

  it('lets a new engine start counting again', () => {
    const state = after(view(3, 900, { state: 'on_call' }), view(4, 1, { state: 'paused' }))
    expect(state.agent?.state).toBe('paused')
  })

  it('ends in the same state however old views are repeated', () => {
    const views = [view(1, 1), view(1, 2, { state: 'ready' }), view(1, 3, { state: 'on_call' })]
    expect(after(...views, ...views).agent).toEqual(after(...views).agent)
  })
})

describe('the floor', () => {
  it('merges changed rows by id and keeps the others', () => {
    const state = after(floor(1, 1, true, [agent(1), agent(2)]), floor(1, 2, false, [agent(2, 'paused')]))
    expect([...(state.floor?.agents.values() ?? [])].map((row) => row.state)).toEqual(['ready', 'paused'])
    expect(state.floor?.whole).toBe(true)
  })

  it('forgets rows that a whole view no longer has', () => {
    const state = after(floor(1, 1, true, [agent(1), agent(2)]), floor(1, 2, true, [agent(1)]))
    expect([...(state.floor?.agents.keys() ?? [])]).toEqual([1])
  })

  it('takes a whole view that repeats the number, as after a reconnection', () => {
    const state = after(floor(1, 5, false, [agent(1)]), floor(1, 5, true, [agent(1), agent(2)]))
    expect(state.floor?.agents.size).toBe(2)
    expect(state.floor?.whole).toBe(true)
  })

  it('does not mix rows of two engines', () => {
    const state = after(floor(1, 9, true, [agent(1), agent(2)]), floor(2, 1, false, [agent(3)]))
    expect([...(state.floor?.agents.keys() ?? [])]).toEqual([3])
    expect(state.floor?.whole).toBe(false)
  })

  it('ignores an old piece', () => {
    const state = after(floor(1, 2, true, [], [campaign(1, 5)]), floor(1, 1, false, [], [campaign(1, 99)]))
    expect(state.floor?.campaigns.get(1)?.ready).toBe(5)
  })
})

describe('beside the views', () => {
  it('measures how far our clock is off', () => {
    expect(reduce(NOTHING, view(1, 1), AT - 2500).skew).toBe(2500)
  })

  it('knows whether the engine answers, and loses nothing by it', () => {
    const state = after(view(1, 1, { state: 'ready' }), { type: 'link', engine: false })
    expect(state.engine).toBe(false)
    expect(state.agent?.state).toBe('ready')
  })

  it('takes every message as a sign of life', () => {
    expect(reduce(NOTHING, { type: 'refused', request: 'ready', reason: 'no', state: '' }, AT).heardAt).toBe(AT)
  })
})
