/** Made from the models of consoles/ by `make types-web`: not to be changed by hand. */

/** A command was handed to the bus. */
export interface Accepted {
  id: string
}

/** What an agent can do. */
export interface AgentSkills {
  id: number
  name: string
  active: boolean
  skills: Record<string, number>
  campaigns: number[]
}

/** Something a supervisor should know. */
export interface Alarm {
  id: number
  /** When it was raised first. */
  at: string
  kind: string
  subject: string
  /** As it was raised last. */
  detail: string
  /** How often it was raised. */
  count: number
  last_at: string
  /** Since when what it tells of is over. */
  ended_at: string | null
}

/** Why: it stands in the audit beside who asked. */
export interface Answer {
  reason: string
}

/** What was answered, and how. */
export interface AnswerIn {
  text: string
}

/** One attempt, and what the gate said then. */
export interface AttemptWhy {
  id: string
  at: string
  campaign: string
  masked_number: string
  state: string
  outcome: string | null
  cause: number | null
  reason: string
  /** That it went out on; empty = it came in, was not handed over, or is older than this field. */
  trunk: string
  /** That the person was told in a call that came in, as it is shown; empty = none. */
  case_number: string
  gate: Record<string, unknown>
}

/** A row, or one value of it, that was not taken. */
export interface BadNumber {
  row: number
  column: string
  text: string
  code: string
  /** whether the row is in all the same, by another of its numbers */
  taken: boolean
  es: string
  en: string
}

/** What a forecast knows. */
export interface BasedOn {
  /** At work; 1 when nobody is. */
  agents: number
  calls_seen: number
  answer_rate: number | null
  /** When the model was learned; null = nothing was. */
  at: string | null
}

/** What happened to the call, and when. */
export interface CallTimes {
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

/** Another time, or another agent; null = anyone's. */
export interface CallbackChange {
  at: string
  agent_id?: number | null
}

/** Why it is not made. */
export interface CallbackEnd {
  reason?: string
}

/** What the contact gate would say of a callback, with all that is known now. */
export interface CallbackForeseen {
  permitted: boolean
  /** the rule that would refuse it; empty = none would */
  rule: string
  /** first full minute from then on at which it may be made; null = none in sight */
  first_at: string | null
}

/** A callback that is still to be made. */
export interface CallbackOut {
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

/** A number the firm may show. */
export interface CallerIdIn {
  label?: string
  registry?: string
  starts_on?: string | null
  ends_on?: string | null
}

/** A number of the registry. */
export interface CallerIdOut {
  number: string
  label: string
  registry: string
  starts_on: string | null
  ends_on: string | null
}

/** A campaign with the settings in force. */
export interface CampaignOut {
  id: number
  code: string
  name: string
  trunk: string
  caller_id: string
  status: CampaignStatus
  settings: CampaignSettings
  settings_version: number
  required_skills: Record<string, number>
  leads: Leads
  /** What its rules permit and the law of its countries forbids, now or from a later day on. */
  looser: Looser[]
}

/** What a supervisor may change live; every change makes a new version. */
export interface CampaignSettings {
  mode: DialMode
  /** share of live answers that predictive mode aims at */
  target_abandonment: number
  /** share of live answers, hard cap */
  max_abandonment: number
  /** calls in flight per available agent, power mode */
  calls_per_agent: number
  /** calls in the air per agent at work, every mode */
  max_calls_per_agent: number
  /** factor on the target, within the hard cap */
  boost: number
  /** give up a ringing call after the minimum ring when no agent will be there */
  cancel_ringing: boolean
  /** share of machine verdicts that are persons until blind audits show it; less than the screening is known for has no effect */
  screening_errors: number | null
  /** share of the agents among campaigns that share them */
  weight: number
  /** seconds an agent may read before the previewed lead goes back */
  preview_limit: number
  /** calls in the air at once; none = by the agents logged in and the trunk */
  max_lines: number | null
  /** new calls per second; none = by the lines and the trunk */
  max_cps: number | null
  /** trunks that take over, in this order, while the campaign's own rests */
  spare_trunks: string[]
  /** seconds; the legal minimum ring is 15 */
  ring_limit: number
  screening: Screening
  /** seconds from the answer until an unclear call counts as a person; below 6.5 no machine is told by its speech */
  screening_limit: number
  /** share of people who may be taken for machines */
  false_machines: number
  /** share of machine verdicts that agents get all the same, unknowing */
  audit_share: number
  /** seconds of listening on after an unclear call was connected */
  listen_on: number
  /** recognise tones and announcements before the answer */
  early_media: boolean
  on_voicemail: OnVoicemail
  /** message in the PBX's folder of messages, without its ending; empty = the PBX's own */
  voicemail_message: string
  /** seconds until the safe-harbour message */
  connect_limit: number
  clock_start: ClockStart
  /** seconds held after the agent was lost */
  reattach_limit: number
  /** seconds */
  wrap_limit: number
  record: boolean
  /** while there is no room for recordings, nobody is called whose call would be recorded */
  record_or_no_call: boolean
  /** name of the rule pack */
  rule_pack: string
  language: string
  /** where the campaign's day begins, for daily quotas */
  zone: string
  /** country of numbers without prefix in files, ISO 3166; empty = asked with each file */
  region: string
  /** only this creditor's debts are spoken of, and files that name none are this one's; empty = all of the person */
  creditor: string
  /** trained agents call vulnerable and disputed cases; manual and preview only */
  care: boolean
  /** what becomes of a lead after an outcome */
  retry: Partial<Record<Outcome, RetryRule>>
  /** calls after which a lead is done */
  max_attempts: number | null
  /** a lead waits for a later hour of its day that is so many times likelier to be answered; none = called as it comes */
  best_hour: number | null
  /** a person's numbers take turns, the least called first */
  rotate_numbers: boolean
  /** who speaks another language needs an agent with the skill lang-xx */
  match_language: boolean
  /** who owes needs an agent with the skill creditor-xx of every creditor */
  creditor_licence: boolean
  /** what each part of an agent's fit is worth */
  routing: RoutingWeights
  /** debts are shown only after the agent has verified the person's identity */
  verify_first: boolean
  /** minutes until a missed callback is anybody's */
  callback_grace: number
  /** people who call the campaign's caller id reach its agents */
  inbound: boolean
  /** seconds after which who keeps a place in the queue of callers is called before all others; who waits on the line is never cut off */
  inbound_wait: number
  /** seconds between two announcements of place and expected wait */
  inbound_announce: number
  /** who waits on the line is told the case's number, also where no rule pack asks it */
  inbound_case_number: boolean
  /** seconds of expected wait from which a callback is offered */
  inbound_offer: number
}

/** Whether a campaign dials. */
export type CampaignStatus = 'stopped' | 'running' | 'paused'

/** What the complainant is told. */
export interface CaseOpened {
  id: number
  case_number: string
  spoken: string
  due_on: string | null
  /** Where the rule of the deadline was read. */
  rule_source: string
}

/** One setting that would be another. */
export interface Changed {
  name: string
  /** As it is now. */
  old: unknown
  new: unknown
}

/** All that can be seen from here. */
export interface Checkup {
  lines: Line[]
}

/** From which instant the law counts the wait of a person who answered. */
export type ClockStart = 'answered' | 'greeting_end'

/** Why nothing more is to be done. */
export interface CloseIn {
  reason?: string
}

/** Everything with a code. */
export interface Codes {
  pause_codes: PauseCode[]
  dispositions: Disposition[]
  skills: Skill[]
  rule_packs: RulePackName[]
}

/** A column as it seems to be: our name, or '' when it says nothing to us. */
export interface ColumnOut {
  header: string
  /** what `mapping` calls it: its header, or '#3' where that tells no two apart */
  key: string
  name: string
  examples: string[]
}

/** A remark at an instant of the recording. */
export interface CommentIn {
  offset_ms: number
  body: string
}

/** A remark at an instant. */
export interface CommentOut {
  id: number
  author_id: number
  author: string
  offset_ms: number
  body: string
  created_at: string
}

/** A complaint as it comes. */
export interface ComplaintIn {
  text: string
  via?: 'phone' | 'email' | 'letter' | 'web' | 'in_person' | 'other'
  /** As they said their name; needed where no person is given. */
  complainant?: string
  person_id?: number | null
  /** Whose rules set the deadline; without it the strictest of all campaigns. */
  campaign_id?: number | null
  /** The call in which it was made. */
  attempt_id?: string | null
  debt_id?: number | null
  creditor?: string
}

/** A line of the register. */
export interface ComplaintOut {
  id: number
  /** Eight digits; `spoken` is how they are shown and read aloud. */
  case_number: string
  spoken: string
  state: 'open' | 'answered' | 'closed'
  via: 'phone' | 'email' | 'letter' | 'web' | 'in_person' | 'other'
  complainant: string
  person_id: number | null
  person: string | null
  campaign: string | null
  debt: string | null
  creditor: string
  text: string
  opened_at: string
  opened_by: string | null
  /** Last day of an answer; None = no rule sets a deadline. */
  due_on: string | null
  /** The end of that day where the law holds. */
  due_at: string | null
  rule_source: string
  answer: string
  answered_at: string | null
  answered_by: string | null
  closed_at: string | null
  closed_by: string | null
  /** Why nothing more was to be done. */
  close_reason: string
  /** Not answered by its deadline. */
  late: boolean
  /** Open, and near its deadline by the rules of the day it came. */
  near: boolean
}

/** What a person said of a channel. */
export interface ConsentIn {
  channel: 'voice' | 'sms' | 'whatsapp' | 'email'
  state: 'granted' | 'refused' | 'withdrawn'
  source?: string
}

/** Who or what really answered. */
export interface CorrectionIn {
  truth: 'person' | 'machine' | 'network'
}

/** How often a verdict was given, and what corrections say of it. */
export interface CountOut {
  source: string
  stage: 'early' | 'answer' | 'late'
  verdict: 'human' | 'unsure' | 'machine' | 'fax' | 'tone'
  count: number
  seconds: number | null
  were_persons: number
  were_machines: number
}

/** What a person owes. */
export interface DebtWhy {
  id: number
  reference: string
  creditor: string
  currency: string
  balance_minor: number
  days_past_due: number
  stage: string
  status: string
}

/** One pacing decision. */
export interface Decision {
  at: string
  mode: string
  calls: number
  /** Ringing calls that were given up. */
  cancelled: number
  /** Whether the hard abandonment cap held the policy back; false, too, where nobody knows (`why` null). */
  capped: boolean
  /** The same as an English sentence, for people. */
  reason: string
  /** None of a decision from before the migration 0033: only its sentence is known, and shown as it is. */
  why: WhyMade | null
  forecast: ForecastMade | null
  /** None when they were not asked for. */
  inputs: Record<string, unknown> | null
}

/** How calls are started. */
export type DialMode = 'manual' | 'preview' | 'progressive' | 'power' | 'predictive'

/** What pickers offer. */
export interface Directory {
  agents: Named[]
  campaigns: NamedCampaign[]
}

/** Why nobody needs to follow it. */
export interface DiscardIn {
  reason: string
}

/** What an agent may say of a call. */
export interface Disposition {
  code: string
  label_es: string
  label_en: string
  kind: 'right_party' | 'third_party' | 'no_contact' | 'system'
  requires: '' | 'promise' | 'callback'
  effect: '' | 'stop' | 'wrong_party' | 'do_not_call'
  hotkey: number | null
}

/** What an agent said of the call. */
export interface DispositionOut {
  at: string
  code: string
  notes: string
  promise_minor: number | null
  /** Of the promise; ISO 4217. */
  currency: string | null
  promise_on: string | null
  callback_at: string | null
  agent: string
}

/** A row about a known customer number under another name and without a telephone in common. */
export interface DoubtOut {
  row: number
  name: string
  known: string
  /** sent back in `same` where they are one person */
  mark: string
}

/** Answers to a scorecard: 0–100, null = not applicable. */
export interface EvaluationIn {
  scorecard_id: number
  answers: Record<string, number | null>
  comment?: string
}

/** A grade. */
export interface EvaluationOut {
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

/** One step of the call. */
export interface EventOut {
  version: number
  at: string
  event: string
  from_state: string | null
  to_state: string
  detail: Record<string, unknown>
  /** Name of the agent; the note and what was said are in `detail`. */
  handed_over_by: string
}

/** Raise a flag, or lower it. */
export interface FlagIn {
  raised: boolean
  reason: string
}

/** How far a follower is. */
export interface FollowerOut {
  follower: string
  /** facts since the beginning */
  followed: number
  moved_at: string
  /** letters that are tried again by themselves */
  waiting: number
  dead: number
}

/** What a decision expected. */
export interface ForecastMade {
  abandon_chance: number
  price: number
  live_soon: number
  free_soon: number
}

/** The present settings beside others; null where agents start the calls. */
export interface ForecastOut {
  settings_version: number
  now: OutlookOut | null
  then: OutlookOut | null
  based_on: BasedOn
  notes: ('agents_start' | 'no_agents' | 'nothing_learned' | 'few_calls')[]
}

/** The contact may be made now. */
export interface GatePermitted {
  pack: string
  version: number
  at: string
  verdict: 'permitted'
  /** Zone → local time. */
  local_times: Record<string, string>
  /** Every rule that was asked. */
  rules: string[]
}

/** The contact may not be made now. */
export interface GateRefused {
  pack: string
  version: number
  at: string
  verdict: 'refused'
  /** Of all that refuse, the one that refuses longest. */
  rule: string
  /** When that rule ends; null = never by itself. */
  until: string | null
  /** Every rule that refuses, the longest first. */
  detail: RuleRefusal[]
}

/** How many leads one rule holds back. */
export interface HeldOut {
  rule: string
  status: string
  leads: number
  next_at: string | null
}

/** Somebody whom a rule holds back. */
export interface HeldPerson {
  person_id: number
  name: string
  status: string
  next_at: string
}

/** What holds a call back besides the gate. */
export interface HoldWhy {
  rule: string
  until: string | null
  detail: string
}

/** Minutes of the local day, as [start, end); none = any hour. */
export interface HoursIn {
  preferred: [number, number][]
}

/** One entry of `RTCConfiguration.iceServers`; STUN takes no account, its two words are empty. */
export interface IceServer {
  urls: string[]
  username: string
  credential: string
}

/** What came of an import: rows = imported + updated + rejected + duplicates. */
export interface ImportOut {
  list_id: number | null
  rows: number
  accepted: number
  imported: number
  updated: number
  rejected: number
  duplicates: number
  /** Persons left out because they are on another list already. */
  elsewhere: number
  /** Dead numbers that are called again, because their rows ask for it. */
  revived: number
  /** Dead numbers that are not: revived within 90 days, they died again. */
  dead_again: number
  /** The first good rows as they were understood. */
  samples: SampleOut[]
  /** (header of the file, our name or '') of every column. */
  columns: [string, string][]
  persons: number
  phones: number
  reasons: Record<string, number>
  /** Of each reason. */
  words: Record<string, WordsOut>
  /** Numbers that were left out of rows that are in. */
  warnings: number
  /** Rows that wait for a decision; among the rejected. */
  undecided: number
  /** The first of them, as many as `same` takes. */
  doubts: DoubtOut[]
  ignored_columns: string[]
  /** Of a workbook. */
  sheets: string[]
  dry_run: boolean
  /** Line up to which everything is in. */
  last_row: number
  /** What ended the import after that line; empty = nothing. Importing the file again goes on from there. */
  broken: string
  /** The kind of it; the console has words for each. */
  broken_by: 'database_gone' | 'no_room' | 'row_refused' | 'other' | null
  /** That nobody of the file would be called: the rules ask for consent, and no column gives it. */
  no_consent: WordsOut | null
  sha256: string
  rejects: RejectOut[]
  rejects_url: string | null
}

/** One campaign: what is asked, and what was done today and in 30 days. */
export interface InboundService {
  campaign_id: number
  within_seconds: number
  /** Of all calls, 0-1, by law; None = the campaign's pack asks for none. */
  share: number | null
  /** The day on which that law begins to hold; None = it holds, or there is none. */
  starts: string | null
  /** Whether that law was read in secondary sources only. */
  secondary: boolean
  day: InboundWindow
  month: InboundWindow
}

/** The calls of one stretch of time that came in; one that still waits in time is not counted yet. */
export interface InboundWindow {
  calls: number
  /** Answered by a person within the seconds. */
  in_time: number
  /** Hung up within the seconds; they count as not answered. */
  gave_up: number
  /** Chose to be called back; they count as not answered on the line. */
  callbacks: number
  /** Lower end of the share's interval (Wilson, one-sided 95 %); None without a call. */
  low: number | null
  /** Its upper end. */
  high: number | null
}

/** One question of a scorecard. */
export interface ItemOut {
  code: string
  label_es: string
  label_en: string
  weight: number
  fatal: boolean
}

/** A job, and what came of it once it ended. */
export interface JobOut {
  id: number
  kind: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  file_name: string
  campaign_id: number | null
  campaign: string
  dry_run: boolean
  actor: string
  /** whether who asks is who began it */
  mine: boolean
  created_at: string
  started_at: string | null
  finished_at: string | null
  progress: JobProgress | null
  /** begun so often; one that was given back does not count */
  tries: number
  cancel_asked: boolean
  /** of the rows that were not taken; null = none, or not yours */
  rejects_url: string | null
  /** why it failed, or why it is to be tried again: for who looks after it */
  error: string
  /** why the file as a whole was not taken */
  refused: WordsOut | null
  result: ImportOut | null
}

/** How far it is. */
export interface JobProgress {
  rows: number
  /** Bytes of the file that were read. */
  read: number
  /** Bytes of the file; 0 = it has none. */
  size: number
}

/** A job in the list. */
export interface JobRow {
  id: number
  kind: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  file_name: string
  campaign_id: number | null
  campaign: string
  dry_run: boolean
  actor: string
  /** whether who asks is who began it */
  mine: boolean
  created_at: string
  started_at: string | null
  finished_at: string | null
  progress: JobProgress | null
  /** begun so often; one that was given back does not count */
  tries: number
  cancel_asked: boolean
  /** of the rows that were not taken; null = none, or not yours */
  rejects_url: string | null
  /** why it failed, or why it is to be tried again: for who looks after it */
  error: string
}

/** Followers by name, and letters, the dead first. */
export interface JournalOut {
  followers: FollowerOut[]
  /** at most 200 */
  letters: LetterOut[]
}

/** A person in one campaign, what held the last call back, and what holds one back now. */
export interface LeadWhy {
  id: number
  campaign: string
  list: string
  status: string
  attempts: number
  next_at: string | null
  held_by: string
  rule_pack: string
  holds: HoldWhy[]
  callback_at: string | null
  callback_agent: string
  /** First instant at which nothing known stands against a call; null = never by itself. */
  next_call_at: string | null
  numbers: NumberAnswer[]
}

/** Counted leads by status. */
export interface Leads {
  open: number
  in_call: number
  done: number
  withdrawn: number
}

/** A fact that its follower could not follow. */
export interface LetterOut {
  id: number
  follower: string
  at: string
  kind: string
  person_id: number | null
  campaign_id: number | null
  tries: number
  error: string
  next_at: string
  /** since when nobody tries any more; null = it is tried again */
  dead_at: string | null
  data: Record<string, unknown>
}

/** One thing that was looked at. */
export interface Line {
  /** Stable code; those of the doctor are the names of `cadencia check`. */
  name: string
  state: 'ok' | 'warning' | 'fault'
  /** What was seen, in the reader's language; of `alarms` how many are open. */
  detail: string
  /** What to do; empty when all is well, and where the page has its own words. */
  cure: string
}

/** Only what changes; a quota of null is taken away. */
export interface ListChange {
  status?: 'active' | 'paused' | null
  priority?: number | null
  weight?: number | null
  order_by?: 'due' | 'newest' | 'oldest' | 'random' | 'balance' | 'days_past_due' | null
  fresh_share?: number | null
  daily_attempts?: number | null
  daily_conversations?: number | null
}

/** A list with its counted leads and what it had today. */
export interface ListOut {
  id: number
  campaign_id: number
  name: string
  settings: ListSettings
  created_at: string
  attempts_today: number
  conversations_today: number
  leads: Record<string, number>
  /** open leads that were never called */
  fresh: number
  /** open leads that are not to be called before a time of their own */
  resting: number
  /** the first of these times */
  resting_until: string | null
}

/** How a list is called. */
export interface ListSettings {
  status: 'active' | 'paused'
  /** lists of a higher priority are called first; equals share by weight */
  priority: number
  weight: number
  order_by: 'due' | 'newest' | 'oldest' | 'random' | 'balance' | 'days_past_due'
  /** of leads never called; null = as they come */
  fresh_share: number | null
  daily_attempts: number | null
  daily_conversations: number | null
}

/** Language of the screens. */
export interface Locale {
  locale: 'es' | 'en'
}

/** Who says they are who. */
export interface Login {
  login: string
  password: string
}

/** What a file seems to be. */
export interface LookOut {
  sheets: string[]
  /** of the titles, or of what is most like them; 0 = none */
  header_row: number
  /** to choose the titles from */
  lines: [number, string][]
  columns: ColumnOut[]
  /** why the columns would be refused as they are; empty = they would not */
  refused: string
  /** that `campaign` would call nobody of the file; null = it is not so, or none was named */
  no_consent: WordsOut | null
}

/** One thing that a pack permits and a law forbids. */
export interface Looser {
  /** One of POINTS. */
  point: string
  /** Which part of it: a setting, a window, a weekday, the name of a cap or silence of the law. */
  item: string
  /** What the pack says: figures, or words that a screen translates; empty = nothing. */
  ours: string
  /** What the law says; empty = nothing is permitted, or its label tells. */
  law: string
  label_es: string
  /** Of the law's cap or silence. */
  label_en: string
  /** Name of the law's pack. */
  by: string
  /** From which day on; None = already. */
  since: string | null
}

/** The recording was paused or resumed here, or the person's identity verified. */
export interface MarkOut {
  at: string
  kind: 'paused' | 'resumed' | 'verified'
  offset_ms: number
}

/** Calls placed in one minute, and what became of them. */
export interface Minute {
  at: string
  placed: number
  /** Live answers among them so far. */
  live: number
  abandoned: number
  /** Abandoned that the decisions of this minute expected; null = none forecast anything. */
  expected: number | null
  /** Mean chance of an abandonment per call placed, as forecast. */
  chance: number | null
}

/** Somebody or something, by name. */
export interface Named {
  id: number
  name: string
}

/** A campaign, by name. */
export interface NamedCampaign {
  id: number
  name: string
  code: string
}

/** One's own password: the present one and the next. */
export interface NewPassword {
  old: string
  /** Whether it is taken is said by consoles.password_rules, with the reason. */
  new: string
}

/** What the contact gate says now of one number under the rules of one campaign. */
export interface NumberAnswer {
  phone_id: number
  masked_number: string
  /** Where its hours are looked at: the person's zone, else all that the number may be in. */
  zones: string[]
  gate: GatePermitted | GateRefused
  /** First instant at which all rules agree; null = never by itself. */
  next_at: string | null
}

/** A column of the file. */
export interface NumberColumnOut {
  /** its place, where the file has no titles */
  header: string
  used: boolean
  examples: string[]
}

/** A row as it was understood. */
export interface NumberSampleOut {
  row: number
  text: string
  number: string
}

/** What becomes of an answering machine. */
export type OnVoicemail = 'hang_up' | 'leave_message'

/** The closed list of results of an attempt. */
export type Outcome = 'conversation' | 'abandoned' | 'machine' | 'message_left' | 'fax' | 'hung_up_early' | 'busy' | 'no_answer' | 'rejected' | 'declined' | 'unwanted' | 'unreachable' | 'unallocated' | 'number_changed' | 'intercept' | 'barred' | 'caller_blocked' | 'congestion' | 'carrier_failure' | 'cancelled' | 'gave_up' | 'unserved' | 'callback_taken' | 'one_way_audio' | 'no_media' | 'lost' | 'unknown'

/** What a floor would come to; each pm is half of a 95 % interval; null = cannot be said. */
export interface OutlookOut {
  /** Abandoned ÷ live answers, 0–1. */
  abandonment: number | null
  abandonment_pm: number | null
  occupancy: number | null
  occupancy_pm: number | null
  /** Mean wait of an agent for the next person. */
  idle_seconds: number | null
  idle_pm: number | null
  calls_per_minute: number | null
  /** Calls in the air at once, 95th percentile. */
  lines: number | null
  live_per_hour: number | null
}

/** Minutes, oldest first; the last one is not over. */
export interface PacingOut {
  /** Aimed at, boost included, within the cap; 0–1. */
  target: number
  limit: number
  minutes: Minute[]
}

/** What is wrong with a pack; nothing = it may be published. */
export interface PackCheck {
  name: string
  version: number | null
  problems: string[]
  examples: number
}

/** A pack as YAML. */
export interface PackIn {
  body: string
}

/** A pack, rule by rule, and as it is written. */
export interface PackOut {
  name: string
  version: number
  title_es: string
  title_en: string
  effective_from: string
  lab_only: boolean
  own: boolean
  channels: string[]
  consent_required: string[]
  care_flags: string[]
  rules: PackRule[]
  examples: number
  versions: PackVersion[]
  body: string
}

/** A pack in the list. */
export interface PackRow {
  name: string
  version: number
  title_es: string
  title_en: string
  lab_only: boolean
  /** Whether a campaign may be called by it here: sound, and not for another place than this. */
  usable: boolean
  /** Whether the firm wrote it. */
  own: boolean
  /** Campaigns under it. */
  campaigns: number
}

/** One rule, with where it comes from. */
export interface PackRule {
  /** hours, excluded_days, cap, silence, forbidden_prefixes, caller_id, countries, conduct or inbound. */
  part: string
  name: string
  label_es: string
  label_en: string
  data: Record<string, unknown>
  source: string
  dated: string
  /** Of a rule that takes the place of others from a day on. */
  effective_from: string | null
}

/** A published version. */
export interface PackVersion {
  version: number
  published_at: string
  author: string
}

/** One of an agent's calls. */
export interface PastCall {
  id: string
  at: string
  campaign: string
  person: string
  masked_number: string
  outcome: string | null
  disposition: string | null
  talk_seconds: number
}

/** What came of a file. */
export interface PastImport {
  id: number
  list: string
  file_name: string
  summary: Record<string, number>
  at: string
  actor: string
}

/** Why an agent may be paused. */
export interface PauseCode {
  code: string
  label_es: string
  label_en: string
  productive: boolean
  max_minutes: number | null
}

/** What came of it. */
export interface PaymentOut {
  person_id: number
  settled: boolean
  all_settled: boolean
  leads_withdrawn: number
  /** whether the event was known; then nothing was done */
  repeated: boolean
}

/** How loud each side was. */
export interface Peaks {
  /** Values a second. */
  rate: number
  /** The person, 0–1. */
  left: number[]
  /** The agent, 0–1. */
  right: number[]
}

/** A person in a search. */
export interface PersonFound {
  id: number
  external_id: string | null
  name: string
  language: string
  flags: string[]
  stopped_at: string | null
  phones: PhoneFound[]
}

/** A number of a person. */
export interface PhoneFound {
  id: number
  masked_number: string
  status: string
}

/** A number, and whether it may be called at all. */
export interface PhoneWhy {
  id: number
  masked_number: string
  status: string
  do_not_call: boolean
  /** The network refused it: until then it rests. */
  rests_until: string | null
  /** The first day on which a trunk that is believed said that there is no such number. */
  refused_on: string | null
  refused_trunk: string
  revived_at: string | null
}

/** The body of every error. */
export interface ProblemDocument {
  type: string
  title: string
  status: number
  detail: string
  code: string
  /** With code invalid: where and why. */
  errors?: Record<string, unknown>[] | null
}

/** Thirty days of a campaign's call progress analysis, and how far to believe it. */
export interface ProgressOut {
  since: string
  counts: CountOut[]
  audited: number
  wrong: number
  /** Share of machine verdicts that were persons, as the pacing reckons. */
  estimate: number
  /** One-sided 95 % bound of the audits alone; 1 without any. */
  upper_bound: number
  /** Share of people that the detector may take for machines. */
  false_machines: number
}

/** Only the settings that would change; none = the present ones. */
export interface Proposal {
  settings?: Record<string, unknown>
}

/** Everything about one recording. */
export interface RecordingOut {
  id: number
  attempt_id: string
  at: string
  duration_ms: number | null
  status: 'archived' | 'missing' | 'damaged'
  campaign: NamedCampaign
  agent: Named | null
  person: Named
  masked_number: string
  outcome: string | null
  disposition: string | null
  comments: number
  /** Of the newest evaluation. */
  score: number | null
  failed: boolean
  peaks: Peaks | null
  call: CallTimes
  events: EventOut[]
  dispositions: DispositionOut[]
  marks: MarkOut[]
  comments_list: CommentOut[]
  evaluations: EvaluationOut[]
}

/** One recording in a list. */
export interface RecordingRow {
  id: number
  attempt_id: string
  at: string
  duration_ms: number | null
  status: 'archived' | 'missing' | 'damaged'
  campaign: NamedCampaign
  agent: Named | null
  person: Named
  masked_number: string
  outcome: string | null
  disposition: string | null
  comments: number
  /** Of the newest evaluation. */
  score: number | null
  failed: boolean
}

/** What is wrong with one row. */
export interface RejectOut {
  row: number
  column: string
  code: string
  /** What stood there. */
  value: string
  /** Whether the row is in all the same, without this value. */
  taken: boolean
  es: string
  en: string
}

/** How a lead goes on after one outcome, in place of the outcome's own advice. */
export interface RetryRule {
  /** rest before the next call */
  minutes: number | null
  /** with so many of this outcome the lead is done */
  most: number | null
}

/** Why a dead number is to be called again. */
export interface ReviveIn {
  reason: string
}

/** What follows at once. */
export interface RevivedOut {
  /** Places on lists that had ended, or were withdrawn, for want of a number, and are called again. */
  leads: number
}

/** What each part of an agent's fit is worth, as routing.Weights; 0 = nothing. */
export interface RoutingWeights {
  skills: number
  segment: number
  success: number
  same_agent: number
}

/** A set of rules a campaign may be called under. */
export interface RulePackName {
  name: string
  version: number
  title_es: string
  title_en: string
  lab_only: boolean
}

/** One rule that refuses. */
export interface RuleRefusal {
  rule: string
  until: string | null
  detail: string
}

/** A good row as it was understood. Money in minor units. */
export interface SampleOut {
  row: number
  name: string
  numbers: string[]
  zone: string
  flags: string[]
  creditor: string
  reference: string
  currency: string
  balance_minor: number | null
  days_past_due: number
}

/** What a call is graded by. */
export interface ScorecardOut {
  id: number
  code: string
  version: number
  title_es: string
  title_en: string
  items: ItemOut[]
}

/** Who listens first: our call progress analysis, Asterisk's AMD(), or nobody. */
export type Screening = 'progress' | 'amd' | 'off'

/** A login as its page sees it. */
export interface SessionView {
  user: UserView
  csrf: string
  expires_at: string
  sip: SipAccount | null
}

/** Only the settings that change. */
export interface SettingsChange {
  settings: Record<string, unknown>
  reason?: string
}

/** What an agent's softphone registers with. */
export interface SipAccount {
  endpoint: string
  user: string
  password: string
  domain: string
  uri: string
  ws_url: string
  ice_servers: IceServer[]
}

/** Something agents can do. */
export interface Skill {
  code: string
  name: string
}

/** All skills with their levels; what is not named is taken away. */
export interface SkillsIn {
  skills: Record<string, number>
}

/** Why, if somebody wants to know later. */
export interface StatusChange {
  reason?: string
}

/** Why this person must not be called any more. */
export interface StopIn {
  reason: string
}

/** A list of numbers that are not called. */
export interface SuppressionOut {
  id: number
  name: string
  source: string
  numbers: number
  created_at: string
}

/** What came of a file: rows = taken + rejected. */
export interface SuppressionReport {
  /** null after a dry run about a list that is not there yet */
  id: number | null
  rows: number
  taken: number
  rejected: number
  /** numbers that came onto the list or left it, or would */
  changed: number
  stays: number
  comes: number
  /** Of a list that is replaced; those that leave may be called again. */
  leaves: number
  /** numbers that left it, or would, and are not called all the same */
  still: number
  /** People who were being rung on one of these numbers; these calls end. */
  ended: number
  dry_run: boolean
  /** why nothing could be taken; only after a dry run */
  refused: string
  /** line of the titles; 0 = the file has none */
  header_row: number
  sheets: string[]
  columns: NumberColumnOut[]
  samples: NumberSampleOut[]
  /** The first of them. */
  rejects: BadNumber[]
}

/** How files of one kind are read. */
export interface TemplateIn {
  /** Header of the file, or '#3' for its third column → our name, or '' for a column that is not used. */
  columns: Record<string, string>
  /** Country of numbers without a prefix; empty = as the campaign says. */
  default_region?: string
  /** Of rows that do not say; empty = as the campaign says. */
  creditor?: string
  dedupe?: 'list' | 'campaign' | 'system'
  /** Of a workbook; empty = its first. */
  sheet?: string
  /** Line of the titles; null = found. */
  header_row?: number | null
}

/** A saved way to read files. */
export interface TemplateOut {
  /** Header of the file, or '#3' for its third column → our name, or '' for a column that is not used. */
  columns: Record<string, string>
  /** Country of numbers without a prefix; empty = as the campaign says. */
  default_region: string
  /** Of rows that do not say; empty = as the campaign says. */
  creditor: string
  dedupe: 'list' | 'campaign' | 'system'
  /** Of a workbook; empty = its first. */
  sheet: string
  /** Line of the titles; null = found. */
  header_row: number | null
  id: number
  name: string
  at: string
}

/** One use, 30 s. */
export interface Ticket {
  ticket: string
  url: string
  expires_at: string
}

/** All of a trunk; what is left out is as if nothing had been set. */
export interface TrunkIn {
  max_lines?: number | null
  max_cps?: number | null
  plus?: boolean
  strip?: string
  prefix?: string
}

/** A trunk. */
export interface TrunkOut {
  name: string
  max_lines: number | null
  max_cps: number | null
  plus: boolean
  strip: string
  prefix: string
  /** Whose calls go out on it, or may while another rests. */
  campaigns: string[]
  /** How it dials +34910000000. */
  dialled: string
}

/** Back to a version, or to what was before the last change of settings. */
export interface Undo {
  version?: number | null
  reason?: string
}

/** A new account. */
export interface UserIn {
  login: string
  name: string
  role: 'agent' | 'supervisor' | 'qa' | 'admin'
  password: string
  locale?: string
  active?: boolean
  endpoint?: string | null
  sip_user?: string
  sip_password?: string
  skills?: Record<string, number>
  campaigns?: number[]
}

/** An account as administrators see it; nothing secret. */
export interface UserOut {
  id: number
  login: string
  name: string
  role: 'agent' | 'supervisor' | 'qa' | 'admin'
  locale: 'es' | 'en'
  active: boolean
  created_at: string
  endpoint: string | null
  skills: Record<string, number>
  campaigns: number[]
}

/** What changes of an account; null leaves a field as it is. */
export interface UserPatch {
  name?: string | null
  password?: string | null
  locale?: string | null
  active?: boolean | null
  endpoint?: string | null
  sip_user?: string | null
  sip_password?: string | null
  skills?: Record<string, number> | null
  campaigns?: number[] | null
}

/** The account that is logged in. */
export interface UserView {
  id: number
  login: string
  name: string
  role: 'agent' | 'supervisor' | 'qa' | 'admin'
  locale: 'es' | 'en'
}

/** One verdict with its evidence. */
export interface VerdictOut {
  attempt_id: string
  stage: 'early' | 'answer' | 'late'
  campaign_id: number
  campaign: string
  at: string
  source: string
  verdict: 'human' | 'unsure' | 'machine' | 'fax' | 'tone'
  cause: string
  outcome: string
  p: number | null
  after: number
  model: string
  features: Record<string, number>
  has_audio: boolean
  correction: 'person' | 'machine' | 'network' | null
  corrected_by: string | null
  corrected_at: string | null
  person: string
  masked_number: string
  connected: boolean
  audited: boolean
  audit_said: string | null
}

/** One version of a campaign. */
export interface VersionOut {
  version: number
  status: CampaignStatus
  settings: Record<string, unknown>
  author: string | null
  reason: string
  at: string
}

/** Why a person was, or was not, called. */
export interface Why {
  person_id: number
  name: string
  granted: string[]
  refused: string[]
  preferred: [number, number][]
  debts: DebtWhy[]
  stopped_at: string | null
  stop_reason: string
  flags: string[]
  leads: LeadWhy[]
  phones: PhoneWhy[]
  attempts: AttemptWhy[]
}

/** Why a decision is as it is, as data. */
export interface WhyMade {
  mode: string
  /** Agents, less the reserved. */
  ready: number
  /** Calls on their way before it. */
  in_flight: number
  /** In mode 'power'; else 0. */
  calls_per_agent: number
  calls: number
  cancels: number
  capped: boolean
  /** The limit that left fewer calls than the policy asked for; empty = none. */
  held_by: string
}

/** What one administrator wants and another one has to agree to. */
export interface Wish {
  id: number
  at: string
  /** It is forgotten then. */
  until: string
  asked_by: string
  /** Whether the reader asked: oneself is no second person, but may take it back. */
  mine: boolean
  reason: string
  /** Name of the campaign; empty where a pack is to be published. */
  campaign: string
  rule_pack: string
  /** What would be permitted and the law, or the version in force, forbids. */
  looser: Looser[]
  /** Every setting of the campaign that would be another, looser or not: whoever agrees agrees to all. */
  change: Changed[]
  /** Of the pack that is to be published; empty where a campaign is changed. */
  body: string
}

/** A sentence. */
export interface WordsOut {
  es: string
  en: string
}

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}
