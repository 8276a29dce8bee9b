import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PauseCode } from '@/api/types'
import type { AgentRow, AgentState } from '@/live/wire'
import { es } from '@/i18n/es'
import { lookOf, STATES } from '@/ui/agentState'
import { ageOf, filtered, secondsIn, sorted, tally } from '@/pages/supervisor/floor'

const NOW = Date.parse('2026-11-23T10:00:00Z')
const CODES: PauseCode[] = [{ code: 'break', label_es: 'Descanso', label_en: 'Break', productive: false, max_minutes: 15 }]

function row(id: number, name: string, state: string, seconds: number, change: Partial<AgentRow> = {}): AgentRow {
  return {
    id, name, state: state as AgentState, since: new Date(NOW - seconds * 1000).toISOString(), pause_code: '', leg: 'up', held: false, attached: true,
    call_campaign: '', masked_number: '', calls_today: id, ...change,
  }
}
const ROWS = [row(1, 'Zoe', 'ready', 30), row(2, 'Ana', 'on_call', 400, { call_campaign: 'Norte', masked_number: '+34•••123' }), row(3, 'Eva', 'paused', 60), row(4, 'Bea', 'ready', 90)]
const names = (rows: AgentRow[]) => rows.map((one) => one.name)

describe('the agent table', () => {
  it('sorts by any column, equal ones by name', () => {
    expect(names(sorted(ROWS, 'state', false))).toEqual(['Ana', 'Bea', 'Zoe', 'Eva'])
    expect(names(sorted(ROWS, 'since', false))).toEqual(['Ana', 'Bea', 'Eva', 'Zoe'])
    expect(names(sorted(ROWS, 'name', true))).toEqual(['Zoe', 'Eva', 'Bea', 'Ana'])
    expect(names(sorted(ROWS, 'calls', true))).toEqual(['Bea', 'Eva', 'Ana', 'Zoe'])
  })

  it('leaves the rows it was given alone', () => {
    sorted(ROWS, 'name', false)
    expect(names(ROWS)).toEqual(['Zoe', 'Ana', 'Eva', 'Bea'])
  })

  it('filters by state and by any part of name, number or campaign', () => {
    expect(names(filtered(ROWS, '', 'ready'))).toEqual(['Zoe', 'Bea'])
    expect(names(filtered(ROWS, '123', ''))).toEqual(['Ana'])
    expect(names(filtered(ROWS, 'norte', ''))).toEqual(['Ana'])
    expect(filtered(ROWS, 'zoe', 'paused')).toEqual([])
  })

  it('knows every state that an agent can be in, each with a look, a name and an age', () => {
    const model = readFileSync(join(import.meta.dirname, '../../../dialer/model/agent.py'), 'utf-8')
    const states = [...(model.split('class AgentState')[1]?.split('\nclass ')[0] ?? '').matchAll(/^ {4}[A-Z_]+ = "(\w+)"$/gm)].map((match) => match[1] ?? '')
    expect(states.length).toBe(7)
    expect([...STATES].sort()).toEqual(states.sort())
    for (const state of states) {
      expect(Object.keys(es.state), state).toContain(state)
      expect(lookOf(state).icon, state).not.toBe('more')
      expect(ageOf(row(1, 'A', state, 99999), NOW, CODES), state).toBe(state === 'offline' ? 'fresh' : 'over')
    }
  })

  it('shows a state that is newer than the page, and puts it last', () => {
    expect(lookOf('meditating').icon).toBe('more')
    expect(names(sorted([row(1, 'Zen', 'meditating', 1), ...ROWS, row(9, 'Pau', 'preview', 5), row(8, 'Cris', 'calling', 5)], 'state', false))).toEqual(['Ana', 'Cris', 'Pau', 'Bea', 'Zoe', 'Eva', 'Zen'])
  })

  it('counts by state', () => expect(tally(ROWS)).toEqual({ ready: 2, on_call: 1, paused: 1 }))

  it('tells age by state, and by the limit of the pause', () => {
    expect(secondsIn(row(1, 'A', 'ready', 30), NOW)).toBe(30)
    expect(ageOf(row(1, 'A', 'on_call', 299), NOW, CODES)).toBe('fresh')
    expect(ageOf(row(1, 'A', 'on_call', 301), NOW, CODES)).toBe('long')
    expect(ageOf(row(1, 'A', 'wrap_up', 121), NOW, CODES)).toBe('over')
    expect(ageOf(row(1, 'A', 'paused', 899, { pause_code: 'break' }), NOW, CODES)).toBe('fresh')
    expect(ageOf(row(1, 'A', 'paused', 901, { pause_code: 'break' }), NOW, CODES)).toBe('over')
    expect(ageOf(row(1, 'A', 'offline', 9999), NOW, CODES)).toBe('fresh')
  })
})
