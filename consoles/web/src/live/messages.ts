/** Made from agent_ws/messages.py by `make types-web`: not to be changed by hand. */

export const SUBPROTOCOL = 'cadencia.v1' as const

export type AgentRequest = Attach | Ready | Pause | HangUp | ItsAMachine | Dispose | VerifyIdentity | Transfer | Consult | ConsultJoin | ConsultComplete | ConsultEnd | PauseRecording | NextLead | CallPreview | SkipPreview | LogOut | Pong

export type ServerMessage = AgentView | FloorView | Refused | CallbackRefused | Ping | Link

/** One row of the supervisor's agent table. */
export interface AgentRow {
  id: number
  name: string
  state: AgentState
  since: string | null
  pause_code: string
  leg: LegState
  held: boolean
  attached: boolean
  call_campaign: string
  masked_number: string
  calls_today: number
}

/** What an agent is doing. */
export type AgentState = 'offline' | 'paused' | 'ready' | 'preview' | 'calling' | 'on_call' | 'wrap_up'

/** Everything an agent's screen shows. Always whole: a lost one is healed by the next. */
export interface AgentView {
  type: 'agent'
  /** Fence of the engine that sent it: a higher epoch restarts seq. */
  epoch: number
  seq: number
  state: AgentState
  since: string
  server_time: string
  pause_code: string
  next_pause: string
  leg: LegState
  held: boolean
  /** Whether no sound comes from the agent's telephone: nobody is put through until some does. */
  mute?: boolean
  /** End of the wrap-up time, or of the time to read a card. */
  deadline_at: string | null
  call: CallView | null
  preview: PreviewView | null
  /** Whether the agent may ask for a person to call. */
  by_hand: boolean
  /** How the last call that the agent started ended, when nobody answered. */
  last_outcome: string
  calls_today: number
  /** Whom the person could be handed on to, when the call was shown last. */
  transfer_to?: TransferTarget[]
  /** The page that is attached; another page shows 'open elsewhere'. */
  page: string
}

/** What goes along with a person who is handed over. */
export interface Along {
  /** For the next agent. */
  note?: string
  /** Disposition chosen so far. */
  code?: string
  /** Written so far. */
  notes?: string
}

/** This page shows the agent from now on; an earlier page is told and detached. */
export interface Attach {
  type: 'attach'
  /** random id of this page load; a new one = new media leg */
  page: string
}

/** Call the person on the card, on this number; without one, on the first that may be called. */
export interface CallPreview {
  type: 'call_preview'
  lead_id: number
  phone_id?: number | null
}

/** Where a call is. */
export type CallState = 'dialing' | 'ringing' | 'screening' | 'waiting' | 'connected' | 'voicemail' | 'leaving' | 'ended'

/** The call on the agent's screen. */
export interface CallView {
  person_id: number
  name: string
  language: string
  zone: string
  debts: DebtView[]
  /** Whether `debts` is empty because the identity is not verified yet. */
  debts_hidden: boolean
  flags: string[]
  /** Newest first. */
  last_contacts: ContactView[]
  id: string
  /** Before 'connected' only for the agent who started the call. */
  state: CallState
  campaign: string
  /** Whether the person called us. */
  inbound?: boolean
  /** Of a call that came in, to be read out; empty = none was given. */
  case_number?: string
  /** Whether the person has heard it to its end while waiting on the line. */
  case_told?: boolean
  masked_number: string
  /** Whether the agent has verified who the person is; before, `debts` is empty if the campaign says so. */
  verified: boolean
  connected_at: string | null
  ended_at: string | null
  outcome: Outcome | null
  /** Why this agent: the fit and what it is made of, idle seconds, candidates. */
  routing: Record<string, unknown>
  /** 'pausing' until the PBX has confirmed that it writes silence: nobody may speak card data yet. */
  recording: 'on' | 'pausing' | 'paused' | 'off'
  /** Of whom no sound comes. */
  silent?: '' | 'person' | 'agent' | 'both'
  consult?: ConsultView | null
  /** None = nobody handed the person over to this agent. */
  handover?: HandoverView | null
}

/** A disposition was not taken: the contact gate would refuse the callback that it agrees. */
export interface CallbackRefused {
  type: 'refused'
  request: string
  reason: string
  /** The agent's state, where that is why; empty = `reason` says it. */
  state: string
  rule: string
  /** First full minute from then on at which it may be made; None = none in sight. */
  first_at: string | null
}

/** Whether a campaign dials. */
export type CampaignStatus = 'stopped' | 'running' | 'paused'

/** One row of the supervisor's campaign strip. */
export interface CampaignView {
  id: number
  code: string
  name: string
  status: CampaignStatus
  mode: DialMode
  calls_per_agent: number
  settings_version: number
  dialing: number
  ringing: number
  screening: number
  waiting: number
  connected: number
  /** People who called in and wait for an agent on the line. */
  queued?: number
  /** Since when the first of them waits. */
  queued_since?: string | null
  /** People who called in and will be called back in their turn. */
  kept_places?: number
  ready: number
  paused: number
  wrap_up: number
  /** Denominator of abandonment, last 24 hours. */
  live_answers: number
  abandoned: number
  leads_left: number
  /** Of these, not to be called before a time of their own. */
  leads_resting?: number
  /** When the first of these may be called. */
  resting_until?: string | null
  /** Calls in the air at once, as set or automatic. */
  max_lines?: number
  /** New calls per second, likewise. */
  max_cps?: number
  /** Whether the hard abandonment cap holds dialling back to one call per ready agent. */
  capped: boolean
  /** Why the last number of calls was placed; None before the first decision, and beside a `hold`. */
  why?: WhyView | null
  /** What keeps it from calling; None = nothing. */
  hold?: HoldView | null
  /** Either of these as an English sentence, for people: programs read the fields above. */
  last_decision: string
  /** Share of abandoned calls that predictive mode aims at, boosted, within the cap. */
  target: number
  windows: WindowView[]
  /** None before the first decision, and in modes that forecast nothing. */
  forecast: ForecastView | null
  /** Seconds that agents waited for their last calls, on average; None before the first. */
  idle_seconds: number | null
  /** None before anything is. */
  learned: LearnedView | null
  /** Calls that came to an end lately: the cap's bound on the share of live answers is of these. */
  settled?: number
  /** Live answers among those. */
  settled_live?: number
}

/** Call a colleague in, by name or by skill, while the person hears music. */
export interface Consult {
  /** For the next agent. */
  note?: string
  /** Disposition chosen so far. */
  code?: string
  /** Written so far. */
  notes?: string
  type: 'consult'
  call_id: string
  skill?: string
  agent_id?: number | null
}

/** Hand the person over to the colleague who was called in. */
export interface ConsultComplete {
  /** For the next agent. */
  note?: string
  /** Disposition chosen so far. */
  code?: string
  /** Written so far. */
  notes?: string
  type: 'consult_complete'
  call_id: string
}

/** The colleague leaves; asked for by either of the two. */
export interface ConsultEnd {
  type: 'consult_end'
  call_id: string
}

/** Let the person in: three on the line. */
export interface ConsultJoin {
  type: 'consult_join'
  call_id: string
}

/** The other of two agents on a call. */
export interface ConsultView {
  name: string
  /** Whether this agent was called in; else the other was. */
  guest: boolean
  /** Whether the person hears both. */
  three: boolean
}

/** One of the last calls with a person. */
export interface ContactView {
  at: string
  outcome: Outcome | null
  /** Its code; empty = none was given. */
  disposition: string
  /** Empty = no agent had it. */
  agent: string
}

/** What a person owes. Money in minor units. */
export interface DebtView {
  creditor: string
  currency: string
  balance_minor: number
  days_past_due: number
  reference: string
  stage?: string
  status?: 'open' | 'paid'
}

/** How calls are started. */
export type DialMode = 'manual' | 'preview' | 'progressive' | 'power' | 'predictive'

/** Disposition of the call in wrap-up (or still in progress). */
export interface Dispose {
  type: 'dispose'
  call_id: string
  code: string
  notes?: string
  promise_minor?: number | null
  promise_on?: string | null
  callback_at?: string | null
  /** Whether the agent wants to make the callback; else it is anyone's. */
  callback_mine?: boolean
}

/** The floor: whole after a (re)connect, then only what changed (rows by id). */
export interface FloorView {
  type: 'floor'
  epoch: number
  seq: number
  whole: boolean
  server_time: string
  campaigns: CampaignView[]
  agents: AgentRow[]
  pbx_up: boolean
  /** Whether the PBX has the dialplan that we need; without it nothing is dialled. */
  dialplan_ok?: boolean
  /** Whether the detector of call progress answers. */
  ears_up?: boolean
  trunks?: TrunkView[]
  alarms: number
}

/** What the last decision expects. */
export interface ForecastView {
  /** Chance that the last call placed (or the next, when none is) finds a person and no agent. */
  abandon_chance: number
  /** Chance at which no further call is placed. */
  price: number
  /** Expected live answers of the calls in the air. */
  live_soon: number
  /** Expected agents free by the time a new call is answered. */
  free_soon: number
}

/** Who hands the person over, and what came along. */
export interface HandoverView {
  name: string
  note: string
  /** Disposition that this colleague had chosen; empty = none. */
  code: string
  /** And what they had written. */
  notes: string
}

/** End the call with the person. */
export interface HangUp {
  type: 'hang_up'
  call_id: string
}

/** What it is. */
export type HoldCode = 'no_room' | 'caller_id' | 'trunk_rests' | 'campaign_paused' | 'campaign_stopped' | 'pbx_away' | 'other_dialplan' | 'clock_in_doubt' | 'engine_moves' | 'no_list' | 'outside_hours' | 'quota' | 'waits'

/** What keeps a campaign from calling, as data (dialer.model.holds). */
export interface HoldView {
  code: HoldCode
  /** Of the contact gate, or of a list; 'retry' = the rest between two attempts; empty where none holds. */
  rule: string
  until: string | null
  /** Leads that the rule holds. */
  held: number
  /** That wait, for whatever reason. */
  leads: number
}

/** No person is there: hang up and save it as such, in one go. */
export interface ItsAMachine {
  type: 'its_a_machine'
  call_id: string
}

/** What the pacing learned of a campaign: shares 0–1, means in seconds. */
export interface LearnedView {
  answer_rate: number
  human_share: number
  talk_mean: number
  wrap_mean: number
  ring_mean: number
  calls_seen: number
}

/** The agent's telephone leg, up for the whole shift. */
export type LegState = 'down' | 'dialing' | 'up'

/** Whether the engine answers behind the web server. */
export interface Link {
  type: 'link'
  engine: boolean
}

/** End of the shift: the leg is hung up. */
export interface LogOut {
  type: 'log_out'
}

/** Show me a person to call (manual mode). */
export interface NextLead {
  type: 'next_lead'
}

/** One number on a card, and what the contact gate says of it. */
export interface NumberView {
  phone_id: number
  masked_number: string
  kind: string
  status: string
  /** The rule that refuses; empty = it may be called. */
  rule: string
  until: string | null
}

/** The closed list of results of an attempt. */
export type Outcome = 'conversation' | 'abandoned' | 'machine' | 'message_left' | 'fax' | 'hung_up_early' | 'busy' | 'no_answer' | 'rejected' | 'declined' | 'unwanted' | 'unreachable' | 'unallocated' | 'number_changed' | 'intercept' | 'barred' | 'caller_blocked' | 'congestion' | 'carrier_failure' | 'cancelled' | 'gave_up' | 'unserved' | 'callback_taken' | 'one_way_audio' | 'no_media' | 'lost' | 'unknown'

/** Stop taking calls; during a call or wrap-up: pause afterwards. */
export interface Pause {
  type: 'pause'
  code: string
}

/** Stop (or take up again) what the recording hears, such as while card data are spoken. */
export interface PauseRecording {
  type: 'pause_recording'
  call_id: string
  paused: boolean
}

/** Who is on a screen. */
export interface PersonView {
  person_id: number
  name: string
  language: string
  zone: string
  debts: DebtView[]
  /** Whether `debts` is empty because the identity is not verified yet. */
  debts_hidden: boolean
  flags: string[]
  /** Newest first. */
  last_contacts: ContactView[]
}

/** Are you there? */
export interface Ping {
  type: 'ping'
  server_time: string
}

/** Answer to a ping; a page that stops answering is detached. */
export interface Pong {
  type: 'pong'
}

/** A person whom the agent may call; nothing is dialled yet. */
export interface PreviewView {
  person_id: number
  name: string
  language: string
  zone: string
  debts: DebtView[]
  /** Whether `debts` is empty because the identity is not verified yet. */
  debts_hidden: boolean
  flags: string[]
  /** Newest first. */
  last_contacts: ContactView[]
  lead_id: number
  campaign: string
  /** Whether the agent said 'call' and the answer is under way. */
  asked: boolean
  /** Whether the agent agreed to call this person back. */
  callback?: boolean
  numbers: NumberView[]
}

/** Take calls; during a call or wrap-up: take calls afterwards. */
export interface Ready {
  type: 'ready'
}

/** A request was not taken, and why. */
export interface Refused {
  type: 'refused'
  request: string
  reason: string
  /** The agent's state, where that is why; empty = `reason` says it. */
  state: string
}

/** Give the card back and show the next. */
export interface SkipPreview {
  type: 'skip_preview'
  lead_id: number
}

/** Hand the person on: to a colleague, or to whoever has a skill. */
export interface Transfer {
  /** For the next agent. */
  note?: string
  /** Disposition chosen so far. */
  code?: string
  /** Written so far. */
  notes?: string
  type: 'transfer'
  call_id: string
  skill?: string
  agent_id?: number | null
}

/** Somebody who is free, or a skill of somebody who is. */
export interface TransferTarget {
  skill: string
  agent_id: number | null
  name: string
  free: number
}

/** Whether calls go out on a trunk. */
export type TrunkState = 'closed' | 'open' | 'half_open'

/** A trunk that a campaign may use. */
export interface TrunkView {
  name: string
  /** closed = calls go out, open = it rests, half_open = one call at a time tries it. */
  state: TrunkState
  /** What broke it; empty while it is closed. */
  why: string
  /** Until when it rests. */
  until: string | null
}

/** The person proved to be the one we want to speak to. */
export interface VerifyIdentity {
  type: 'verify_identity'
  call_id: string
}

/** Why the last number of calls was placed, as data (pacing.Why). */
export interface WhyView {
  /** The dial mode that decided. */
  mode: string
  /** Agents, less the reserved. */
  ready: number
  /** Calls on their way before it. */
  in_flight: number
  /** In mode 'power'; else 0. */
  calls_per_agent: number
  calls: number
  /** Ringing calls given up. */
  cancels: number
  capped: boolean
  /** The limit that left fewer calls than the policy asked for: 'abandonment cap', 'shared agents', 'line limit', 'calls per agent', 'calls per second', 'no leads'; empty = none. */
  held_by: string
}

/** One window in which abandonment is limited, as the rule pack names it. */
export interface WindowView {
  /** 'calendar_day', or 'rolling_' and a length such as '24h' or '30d'. */
  name: string
  limit: number
  live: number
  abandoned: number
  /** Estimated persons whom screening took for machines; they count as abandoned. */
  screened_out: number
  /** Persons among `live` who hung up in silence before the connect limit; the house counts them, too. */
  unserved?: number
  /** Whether the rule pack counts them, too. */
  law_counts_unserved?: boolean
  /** By the law. */
  rate: number
  /** Everybody who answered and was served by nobody. */
  house_rate?: number
  /** Further abandonments that keep the limit in the house's count; negative when it is broken. */
  spare: number
  /** Abandonments within `spare` that may come before the answers that pay for them. */
  credit?: number
}
