import { describe, expect, it } from 'vitest'
import type { CallEvent, Verdict } from '@/api/types'
import { reasonOf, stageOf, stages, wordOf } from '@/pages/qa/screening'

function step(event: string, from: string | null, detail: Record<string, unknown> = {}): CallEvent {
  return { version: 1, at: '', event, from_state: from, to_state: '', detail, handed_over_by: '' }
}

function heard(stage: Verdict['stage'], verdict: Verdict['verdict'], change: Partial<Verdict> = {}): Verdict {
  return {
    attempt_id: '', stage, campaign_id: 1, campaign: '', at: '', source: '', verdict, cause: '', outcome: '', p: null, after: 1, model: '', features: {}, has_audio: false,
    correction: null, corrected_by: null, corrected_at: null, person: '', masked_number: '', connected: false, audited: false, audit_said: null, ...change,
  }
}
const call = (verdict: string) => ({ verdict })

describe('who answered', () => {
  it('is what became of the call, not what the detector alone would have done', () => {
    expect(wordOf('answer', call('audit'), [heard('answer', 'machine', { audited: true })])).toBe('audit')
    expect(wordOf('answer', call('doubted'), [heard('answer', 'machine', { audited: true })])).toBe('doubted')
    expect(wordOf('answer', call('machine'), [heard('answer', 'machine')])).toBe('machine')
  })

  it('is a fax where the evidence says so: the call knows tones only', () => {
    expect(wordOf('answer', call('tone'), [heard('answer', 'fax')])).toBe('fax')
    expect(wordOf('answer', call('tone'), [])).toBe('tone')
  })

  it('is told without evidence, too', () => {
    expect(wordOf('answer', call('unsure'), [])).toBe('unsure')
    expect(wordOf('answer', call('human'), [])).toBe('OFF')
    expect(stages(call('unsure'), [])).toEqual(['answer'])
    expect(stages(call(''), [])).toEqual([])
  })

  it('stands at its stage: what is heard later takes nothing back', () => {
    const judged = [heard('late', 'machine'), heard('answer', 'unsure'), heard('early', 'tone')]
    expect(stages(call('unsure'), judged)).toEqual(['early', 'answer', 'late'])
    expect(wordOf('answer', call('unsure'), judged)).toBe('unsure')
    expect(wordOf('late', call('unsure'), judged)).toBe('machine')
  })

  it('is said by the step at which it was found', () => {
    expect(stageOf(step('heard', 'ringing'))).toBe('early')
    expect(stageOf(step('audit', 'screening'))).toBe('answer')
    expect(stageOf(step('machine', 'connected'))).toBe('late')
    expect(stageOf(step('deadline', 'waiting'))).toBe(null)
    expect(stageOf(step('deadline', 'voicemail'))).toBe(null)
    expect(stageOf(step('bridged', 'waiting'))).toBe(null)
    expect(stageOf(step('placed', null))).toBe(null)
  })

  it('has a reason', () => {
    expect(reasonOf([step('ringing', 'dialing'), step('unsure', 'screening', { reason: 'not clear, and an agent is idle' })])).toBe('not clear, and an agent is idle')
    expect(reasonOf([step('deadline', 'screening')])).toBe('deadline')
    expect(reasonOf([])).toBe('')
  })
})
