/** Shapes of the HTTP API, as docs/reference/http.md has them. */
import type { DecisionWhy } from '@/live/wire'

export type * from '@/api/complaintTypes'
export type * from '@/api/fileTypes'
export type * from '@/api/watchTypes'

export type Role = 'agent' | 'supervisor' | 'qa' | 'admin'
export type Locale = 'es' | 'en'

export interface User {
  id: number
  login: string
  name: string
  role: Role
  locale: Locale
}

/** One entry of `RTCConfiguration.iceServers`. */
export interface IceServer {
  urls: string[]
  username: string
  credential: string
}

export interface SipAccount {
  endpoint: string
  user: string
  password: string
  domain: string
  uri: string
  ws_url: string
  ice_servers: IceServer[]
}

export interface Session {
  user: User
  csrf: string
  expires_at: string
  sip: SipAccount | null
}

export interface Ticket {
  ticket: string
  url: string
  expires_at: string
}

export interface Page<T> {
  items: T[]
  next_cursor?: string | null
}

export interface PauseCode {
  code: string
  label_es: string
  label_en: string
  productive: boolean
  max_minutes: number | null
}

export interface Disposition {
  code: string
  label_es: string
  label_en: string
  kind: 'right_party' | 'third_party' | 'no_contact' | 'system'
  requires: '' | 'promise' | 'callback'
  effect: string
  hotkey: number | null
}

export interface Codes {
  pause_codes: PauseCode[]
  dispositions: Disposition[]
  skills: { code: string; name: string }[]
}

export interface Directory {
  agents: { id: number; name: string }[]
  campaigns: { id: number; code: string; name: string }[]
}

export interface HistoryRow {
  id: string
  at: string
  campaign: string
  person: string
  masked_number: string
  outcome: string | null
  disposition: string | null
  talk_seconds: number | null
}

export type CampaignStatus = 'stopped' | 'running' | 'paused'

export type DialMode = 'manual' | 'preview' | 'progressive' | 'power' | 'predictive'

export interface CampaignSettings {
  mode: DialMode
  target_abandonment: number
  max_abandonment: number
  calls_per_agent: number
  max_calls_per_agent: number
  boost: number
  cancel_ringing: boolean
  weight: number
  preview_limit: number
  max_lines: number | null
  max_cps: number | null
  [other: string]: unknown
}

export interface Campaign {
  id: number
  code: string
  name: string
  trunk: string
  caller_id: string
  status: CampaignStatus
  settings: CampaignSettings
  settings_version: number
  required_skills: Record<string, number>
  leads: { open: number; in_call: number; done: number; withdrawn: number }
  /** What its rules permit and the law of its countries forbids, now or from a later day on. */
  looser: Looser[]
}

/** One thing that a pack permits and a law forbids; `ours` and `law` are figures, or words of a closed list. */
export interface Looser {
  point: string
  item: string
  ours: string
  law: string
  label_es: string
  label_en: string
  by: string
  since: string | null
}

/** Rules looser than the law that one administrator has asked for. */
export interface LooserWish {
  id: number
  at: string
  /** Forgotten then. */
  until: string
  asked_by: string
  mine: boolean
  reason: string
  /** Empty where a pack is to be published. */
  campaign: string
  rule_pack: string
  looser: Looser[]
  /** Every setting of the campaign that would be another. */
  change: { name: string; old: unknown; new: unknown }[]
  /** Of the pack to be published; else empty. */
  body: string
}

export interface CampaignVersion {
  version: number
  status: CampaignStatus
  settings: CampaignSettings
  author: string | null
  reason: string
  at: string
}

export interface Decision {
  at: string
  mode: string
  calls: number
  cancelled: number
  capped: boolean
  reason: string
  /** null of a row from before 0.6: only its sentence is known. */
  why: DecisionWhy | null
  forecast: { abandon_chance: number; price: number; live_soon: number; free_soon: number } | null
}

/** What a floor would come to; each pm is half of a 95 % interval; null = cannot be said. */
export interface Outlook {
  abandonment: number | null
  abandonment_pm: number | null
  occupancy: number | null
  occupancy_pm: number | null
  idle_seconds: number | null
  idle_pm: number | null
  calls_per_minute: number | null
  lines: number | null
  live_per_hour: number | null
}

export type ForecastNote = 'agents_start' | 'no_agents' | 'nothing_learned' | 'few_calls'

export interface Forecast {
  settings_version: number
  now: Outlook | null
  then: Outlook | null
  based_on: { agents: number; calls_seen: number; answer_rate: number | null; at: string | null }
  notes: ForecastNote[]
}

/** Calls placed in one minute, what became of them, and what was expected. */
export interface PacingMinute {
  at: string
  placed: number
  live: number
  abandoned: number
  expected: number | null
  chance: number | null
}

export interface Pacing {
  target: number
  limit: number
  minutes: PacingMinute[]
}

export interface PersonRow {
  id: number
  external_id: string | null
  name: string
  language: string
  flags: string[]
  stopped_at: string | null
  phones: { id: number; masked_number: string; status: string }[]
}

export interface Hold {
  rule: string
  until: string | null
  detail: string
}

export interface WhyDebt {
  id: number
  reference: string
  creditor: string
  currency: string
  balance_minor: number
  days_past_due: number
  stage: string
  status: 'open' | 'paid'
}

export interface WhyLead {
  id: number
  campaign: string
  list: string
  status: string
  attempts: number
  next_at: string | null
  held_by: string
  rule_pack: string
  /** What holds a call back besides the contact gate. */
  holds: Hold[]
  callback_at: string | null
  callback_agent: string
  /** First instant at which nothing known stands against a call; null = never by itself. */
  next_call_at: string | null
  numbers: NumberAnswer[]
}

interface GateAsked {
  pack: string
  version: number
  at: string
}

/** The contact gate's answer: every rule that was asked, or every rule that refuses, the longest first. */
export type Gate =
  | (GateAsked & { verdict: 'permitted'; local_times: Record<string, string>; rules: string[] })
  | (GateAsked & { verdict: 'refused'; rule: string; until: string | null; detail: { rule: string; until: string | null; detail: string }[] })

export interface NumberAnswer {
  phone_id: number
  masked_number: string
  /** Zones in which the hours are looked at: the person's, else all that the number may be in. */
  zones: string[]
  gate: Gate
  /** First instant at which all rules agree; null = never by itself. */
  next_at: string | null
}

export interface WhyPhone {
  id: number
  masked_number: string
  status: string
  do_not_call: boolean
  rests_until: string | null
  /** The first day on which a trunk that is believed said that there is no such number, and which. */
  refused_on: string | null
  refused_trunk: string
  revived_at: string | null
}

export interface WhyAttempt {
  id: string
  at: string
  campaign: string
  masked_number: string
  outcome: string | null
  cause: number | null
  reason: string
  /** That it went out on; empty = it came in, was not handed over, or is old. */
  trunk: string
  /** That the person was told in a call that came in; empty = none. */
  case_number: string
}

export interface Why {
  person_id: number
  name: string
  granted: string[]
  refused: string[]
  preferred: [number, number][]
  debts: WhyDebt[]
  stopped_at: string | null
  stop_reason: string
  flags: string[]
  leads: WhyLead[]
  phones: WhyPhone[]
  attempts: WhyAttempt[]
}

export type ListOrder = 'due' | 'newest' | 'oldest' | 'random' | 'balance' | 'days_past_due'
export interface ListSettings {
  status: 'active' | 'paused'
  priority: number
  weight: number
  order_by: ListOrder
  fresh_share: number | null
  daily_attempts: number | null
  daily_conversations: number | null
}

export interface LeadList {
  id: number
  campaign_id: number
  name: string
  settings: ListSettings
  created_at: string
  attempts_today: number
  conversations_today: number
  leads: Record<string, number>
  fresh: number
  resting: number; resting_until: string | null
}

export interface HeldBack {
  rule: string
  status: string
  leads: number
  next_at: string | null
}

export interface HeldPerson {
  person_id: number
  name: string
  status: string
  next_at: string
}

/** What the contact gate would say of a callback at a time. */
export interface Foreseen {
  permitted: boolean
  rule: string
  first_at: string | null
}

export interface Callback {
  id: number
  campaign_id: number
  campaign: string
  person_id: number
  person: string
  zone: string | null
  agent_id: number | null
  agent: string
  at: string
  open_at: string
  status: string
  made_at: string
}

export interface PackRow {
  name: string
  version: number
  title_es: string
  title_en: string
  lab_only: boolean
  usable: boolean
  own: boolean
  campaigns: number
}

export interface PackRule {
  part: string
  name: string
  label_es: string
  label_en: string
  data: Record<string, unknown>
  source: string
  dated: string
  effective_from: string | null
}

/** How fast the calls of one stretch of time that came in were answered. */
export interface InboundWindow {
  calls: number
  in_time: number
  gave_up: number
  callbacks: number
  low: number | null
  high: number | null
}

export interface InboundService {
  campaign_id: number
  within_seconds: number
  share: number | null
  starts: string | null
  secondary: boolean
  day: InboundWindow
  month: InboundWindow
}

export interface Pack extends Omit<PackRow, 'campaigns'> {
  effective_from: string
  channels: string[]
  consent_required: string[]
  care_flags: string[]
  rules: PackRule[]
  examples: number
  versions: { version: number; published_at: string; author: string }[]
  body: string
}

export interface PackCheck {
  name: string
  version: number | null
  problems: string[]
  examples: number
}

/** What a trunk carries, and how its carrier wants numbers; null = no limit. */
export interface TrunkSettings {
  max_lines: number | null
  max_cps: number | null
  plus: boolean
  strip: string
  prefix: string
}

export interface Trunk extends TrunkSettings {
  name: string
  campaigns: string[]
  /** How it dials +34910000000. */
  dialled: string
}

export interface AgentSkills {
  id: number
  name: string
  active: boolean
  skills: Record<string, number>
  campaigns: number[]
}

export type Truth = 'person' | 'machine' | 'network'
export interface Verdict {
  attempt_id: string
  stage: 'early' | 'answer' | 'late'
  at: string
  verdict: string
  cause: string
  /** With a tone: the word of the tone or announcement. */
  outcome: string
  p: number | null
  after: number
  model: string
  features: Record<string, number>
  has_audio: boolean
  correction: Truth | null
  /** A machine that an agent got all the same, unknowing. */
  audited: boolean
  person: string
  masked_number: string
}

export interface RecordingRow {
  id: number
  attempt_id: string
  at: string
  duration_ms: number | null
  status: 'archived' | 'missing' | 'damaged'
  campaign: { id: number; code: string; name: string }
  agent: { id: number; name: string } | null
  person: { id: number; name: string }
  masked_number: string
  outcome: string | null
  disposition: string | null
  comments: number
  score: number | null
  failed: boolean
}

export interface CallEvent {
  version: number
  at: string
  event: string
  from_state: string | null
  to_state: string
  detail: Record<string, unknown>
  /** Name of the agent who handed the person over; '' with other events. */
  handed_over_by?: string
}

export interface CallComment {
  id: number
  author_id: number
  author: string
  offset_ms: number
  body: string
  created_at: string
}

export interface Evaluation {
  id: number
  scorecard_id: number
  grader_id: number
  grader: string
  answers: Record<string, number | null>
  score: number
  failed: boolean
  comment: string
  created_at: string
}

export interface DispositionGiven {
  at: string
  code: string
  notes: string
  promise_minor: number | null
  currency: string | null
  promise_on: string | null
  callback_at: string | null
  agent: string | { id: number; name: string } | null
}

export interface Recording extends RecordingRow {
  peaks: { rate: number; left: number[]; right: number[] } | null
  call: {
    placed_at: string
    ringing_at: string | null
    answered_at: string | null
    verdict_at: string | null
    verdict: string
    waiting_at: string | null
    connected_at: string | null
    ended_at: string | null
    cause: number | null
    reason: string
    routing: Record<string, unknown> | null
    gate: Record<string, unknown>
  }
  events: CallEvent[]
  dispositions: DispositionGiven[]
  marks: { at: string; kind: 'paused' | 'resumed' | 'verified'; offset_ms: number }[]
  comments_list: CallComment[]
  evaluations: Evaluation[]
}

export interface ScorecardItem {
  code: string
  label_es: string
  label_en: string
  weight: number
  fatal: boolean
}

export interface Scorecard {
  id: number
  code: string
  version: number
  title_es: string
  title_en: string
  items: ScorecardItem[]
}
