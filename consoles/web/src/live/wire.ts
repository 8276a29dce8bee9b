/** The live wire's messages, version 1, as agent_ws/messages.py defines them. */

export const SUBPROTOCOL = 'cadencia.v1'

export type AgentState = 'offline' | 'paused' | 'ready' | 'preview' | 'calling' | 'on_call' | 'wrap_up'

export interface Debt {
  creditor: string
  currency: string
  balance_minor: number
  days_past_due: number
  reference: string
  stage?: string
  status?: 'open' | 'paid'
}

export interface LastContact {
  at: string
  outcome?: string | null
  disposition?: string | null
  agent?: string | null
}

export interface Person {
  person_id: number
  name: string
  language: string
  zone: string
  debts: Debt[]
  /** Whether `debts` is empty because the identity is not verified yet. */
  debts_hidden?: boolean
  flags: string[]
  last_contacts: LastContact[]
}

/** `code` and `notes` are the disposition that this colleague had begun. */
export interface Handover {
  name: string
  note: string
  code: string
  notes: string
}

export interface CallView extends Person {
  id: string
  state: 'dialing' | 'ringing' | 'screening' | 'waiting' | 'connected' | 'voicemail' | 'leaving' | 'ended'
  campaign: string
  /** Whether the person called us. */
  inbound?: boolean
  /** Of a call that came in, to be read out. */
  case_number?: string
  /** Whether the person has heard it to its end while waiting on the line. */
  case_told?: boolean
  masked_number: string
  /** Whether the agent has verified who the person is; before, no debt comes over the wire. */
  verified?: boolean
  connected_at: string | null
  ended_at: string | null
  outcome: string | null
  routing: Record<string, unknown>
  recording: 'on' | 'pausing' | 'paused' | 'off'
  /** Of whom nothing comes. */
  silent?: '' | 'person' | 'agent' | 'both'
  /** The other of two agents on the call; `guest` = this one was called in, `three` = the person hears both. */
  consult?: { name: string; guest: boolean; three: boolean } | null
  /** Who hands the person over to this agent, and what came along. */
  handover?: Handover | null
}

export interface NumberView {
  phone_id: number
  masked_number: string
  kind: string
  status: string
  /** The rule of the contact gate that refuses; empty = it may be called. */
  rule: string
  until: string | null
}

/** A person whom the agent may call; nothing is dialled yet. */
export interface PreviewView extends Person {
  lead_id: number
  campaign: string
  asked: boolean
  /** Whether the agent agreed to call this person back. */
  callback?: boolean
  numbers: NumberView[]
}

export interface TransferTarget {
  skill: string
  agent_id: number | null
  name: string
  free: number
}

export interface AgentView {
  type: 'agent'
  epoch: number
  seq: number
  state: AgentState
  since: string
  server_time: string
  pause_code: string
  next_pause: string
  leg: 'down' | 'dialing' | 'up'
  held: boolean
  /** Whether no sound comes from this agent's telephone: nobody is put through. */
  mute?: boolean
  deadline_at: string | null
  call: CallView | null
  preview: PreviewView | null
  /** Whether the agent may ask for a person to call. */
  by_hand: boolean
  last_outcome: string
  calls_today: number
  /** Whom the person could be handed on to now. */
  transfer_to?: TransferTarget[]
  page: string
}

/** Abandonment in one window that the law names. */
export interface WindowView {
  name: string
  limit: number
  live: number
  abandoned: number
  screened_out: number
  /** By the law of the pack. */
  rate: number
  /** Who hung up in silence before the connect limit, among `live`; these three are missing from an older engine. */
  unserved?: number
  law_counts_unserved?: boolean
  /** Everybody who answered and was served by nobody: what the cap holds. */
  house_rate?: number
  /** Further abandonments it can carry; negative = over the limit. */
  spare: number
  /** Of these, so many may come before the answers that pay for them; missing from an older engine. */
  credit?: number
}

export interface ForecastView {
  abandon_chance: number
  price: number
  live_soon: number
  free_soon: number
}

/** Shares 0–1, means in seconds. */
export interface LearnedView {
  answer_rate: number
  human_share: number
  talk_mean: number
  wrap_mean: number
  ring_mean: number
  calls_seen: number
}

/** Why so many calls were placed (pacing.Why). */
export interface DecisionWhy {
  mode: string
  ready: number
  in_flight: number
  calls_per_agent: number
  calls: number
  cancels: number
  capped: boolean
  /** The limit that left fewer calls than the policy asked for; '' = none. */
  held_by: string
}

/** What keeps a campaign from calling (dialer.model.holds). */
export interface Hold {
  code: string
  rule: string
  until: string | null
  held: number
  leads: number
}

export interface CampaignView {
  id: number
  code: string
  name: string
  status: 'stopped' | 'running' | 'paused'
  mode: string
  calls_per_agent: number
  settings_version: number
  dialing: number
  ringing: number
  screening: number
  waiting: number
  connected: number
  /** People who called in and wait on the line, since when the first of them; and who will be called back in turn. */
  queued?: number
  queued_since?: string | null
  kept_places?: number
  ready: number
  paused: number
  wrap_up: number
  live_answers: number
  abandoned: number
  leads_left: number
  /** Of these, not to be called before a time of their own, and the first of these times; both missing from an older engine. */
  leads_resting?: number
  resting_until?: string | null
  /** As set or automatic; missing from an older engine. */
  max_lines?: number
  max_cps?: number
  capped: boolean
  /** The last decision as data, or what keeps from one; both missing from an older engine. */
  why?: DecisionWhy | null
  hold?: Hold | null
  /** Either as a sentence, for people. */
  last_decision: string
  /** These are missing from an older engine. */
  windows?: WindowView[]
  forecast?: ForecastView | null
  idle_seconds?: number | null
  learned?: LearnedView | null
  target?: number
}

export interface AgentRow {
  id: number
  name: string
  state: string
  since: string | null
  pause_code: string
  leg: string
  held: boolean
  attached: boolean
  call_campaign: string
  masked_number: string
  calls_today: number
}

export interface TrunkView {
  name: string
  state: 'closed' | 'open' | 'half_open'
  why: string
  until: string | null
}

export interface FloorView {
  type: 'floor'
  epoch: number
  seq: number
  whole: boolean
  server_time: string
  campaigns: CampaignView[]
  agents: AgentRow[]
  pbx_up: boolean
  dialplan_ok?: boolean
  ears_up?: boolean
  trunks?: TrunkView[]
  alarms: number
}

export interface Refused {
  type: 'refused'
  request: string
  reason: string
  /** The agent's state, where that is why; missing from an older engine. */
  state?: string
  /** Of a callback that the rules would refuse: which, and when it is possible first. */
  rule?: string
  first_at?: string | null
}

export interface Ping {
  type: 'ping'
  server_time: string
}

export interface Link {
  type: 'link'
  engine: boolean
}

export type ServerMessage = AgentView | FloorView | Refused | Ping | Link

export interface Dispose {
  type: 'dispose'
  call_id: string
  code: string
  notes: string
  promise_minor: number | null
  promise_on: string | null
  callback_at: string | null
  callback_mine: boolean
}

/** What goes along with a person who is handed over: a note for the next agent, and what was said so far. */
export interface Along {
  note: string
  code: string
  notes: string
}

export type AgentRequest =
  | { type: 'attach'; page: string }
  | { type: 'ready' }
  | { type: 'pause'; code: string }
  | { type: 'hang_up'; call_id: string }
  | { type: 'its_a_machine'; call_id: string }
  | { type: 'verify_identity'; call_id: string }
  | ({ type: 'transfer' | 'consult'; call_id: string; skill: string; agent_id: number | null } & Along)
  | ({ type: 'consult_complete'; call_id: string } & Along)
  | { type: 'consult_join' | 'consult_end'; call_id: string }
  | Dispose
  | { type: 'pause_recording'; call_id: string; paused: boolean }
  | { type: 'next_lead' }
  | { type: 'call_preview'; lead_id: number; phone_id: number | null }
  | { type: 'skip_preview'; lead_id: number }
  | { type: 'log_out' }
  | { type: 'pong' }
