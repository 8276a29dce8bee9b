/** Every call of the HTTP API that the consoles make. */
import { call, query } from '@/api/http'
import type * as T from '@/api/types'

/** Longer than the server takes for the one that is made and for ours: 60 s, of which it tells in words. */
const FORECAST_LIMIT_MS = 70_000

export interface RecordingSearch {
  agent_id?: number | null
  campaign_id?: number | null
  from?: string | null
  to?: string | null
  min_seconds?: number | null
  max_seconds?: number | null
  disposition?: string | null
  outcome?: string | null
  q?: string | null
  limit?: number
  cursor?: string | null
}

export interface ComplaintSearch {
  state: string
  q: string
  due: string
}

/** Address of the register as a file: fetched by a link, so that the browser stores it. */
export function complaintFile(asked: ComplaintSearch, language: string): string {
  return `/api/v1/complaints/file${query({ ...asked, language })}`
}

export interface ScoreGiven {
  scorecard_id: number
  answers: Record<string, number | null>
  comment: string
}

export const api = {
  session: () => call<T.Session>('GET', '/session'),
  logIn: (login: string, password: string) => call<T.Session>('POST', '/session', { body: { login, password } }),
  logOut: () => call<void>('DELETE', '/session'),
  setLocale: (locale: T.Locale) => call<T.Session>('PUT', '/session/locale', { body: { locale } }),
  changePassword: (old: string, next: string) => call<void>('PUT', '/session/password', { body: { old, new: next } }),
  ticket: () => call<T.Ticket>('POST', '/ws-ticket', { body: {} }),

  codes: () => call<T.Codes>('GET', '/codes'),
  directory: () => call<T.Directory>('GET', '/directory'),
  history: (limit: number) => call<T.Page<T.HistoryRow>>('GET', `/agent/history${query({ limit })}`),

  campaigns: () => call<T.Page<T.Campaign>>('GET', '/campaigns'),
  campaign: (id: number) => call<T.Campaign>('GET', `/campaigns/${id}`),
  changeCampaign: (id: number, version: number, settings: Partial<T.CampaignSettings>, reason: string) =>
    call<T.Campaign>('PATCH', `/campaigns/${id}`, { body: { settings, reason }, ifMatch: version }),
  campaignStatus: (id: number, action: 'start' | 'pause' | 'stop', reason: string) =>
    call<T.Campaign>('POST', `/campaigns/${id}/${action}`, { body: { reason } }),
  undoCampaign: (id: number, version: number, target: number | null, reason: string) =>
    call<T.Campaign>('POST', `/campaigns/${id}/undo`, {
      body: target === null ? { reason } : { reason, version: target },
      ifMatch: version,
    }),
  versions: (id: number) => call<T.Page<T.CampaignVersion>>('GET', `/campaigns/${id}/versions`),
  decisions: (id: number, limit: number) => call<T.Page<T.Decision>>('GET', `/campaigns/${id}/decisions${query({ limit, inputs: 'false' })}`),
  forecast: (id: number, settings: Partial<T.CampaignSettings>, signal: AbortSignal) =>
    call<T.Forecast>('POST', `/campaigns/${id}/forecast`, { body: { settings }, signal, limit: FORECAST_LIMIT_MS }),
  pacing: (id: number, minutes: number) => call<T.Pacing>('GET', `/campaigns/${id}/pacing${query({ minutes })}`),
  importList: (id: number, form: FormData) => call<T.Job>('POST', `/campaigns/${id}/import`, { form }),

  journal: () => call<T.Journal>('GET', '/journal'),
  retryLetter: (id: number) => call<void>('POST', `/journal/letters/${id}/retry`),
  discardLetter: (id: number, reason: string) => call<void>('POST', `/journal/letters/${id}/discard`, { body: { reason } }),
  jobs: (of: { campaign_id?: number; before?: string; limit?: number } = {}) => call<T.Page<T.JobRow>>('GET', `/jobs${query(of)}`),
  job: (id: number) => call<T.Job>('GET', `/jobs/${id}`),
  cancelJob: (id: number) => call<T.Job>('POST', `/jobs/${id}/cancel`),
  retryJob: (id: number) => call<T.Job>('POST', `/jobs/${id}/retry`),

  lookAtFile: (form: FormData, signal: AbortSignal) => call<T.FileLook>('POST', '/imports/look', { form, signal }),
  templates: () => call<T.Page<T.ImportTemplate>>('GET', '/import-templates'),
  saveTemplate: (name: string, template: Omit<T.ImportTemplate, 'id' | 'name' | 'at'>) => call<void>('PUT', `/import-templates/${encodeURIComponent(name)}`, { body: template }),

  persons: (q: string) => call<T.Page<T.PersonRow>>('GET', `/persons${query({ q })}`),
  why: (id: number) => call<T.Why>('GET', `/persons/${id}/why`),
  revivePhone: (person: number, phone: number, reason: string) => call<T.Revived>('POST', `/persons/${person}/phones/${phone}/revive`, { body: { reason } }),
  stopPerson: (id: number, reason: string) => call<void>('POST', `/persons/${id}/stop`, { body: { reason } }),

  raiseFlag: (id: number, flag: string, raised: boolean, reason: string) =>
    call<void>('PUT', `/persons/${id}/flags/${flag}`, { body: { raised, reason } }),

  lists: (campaign: number) => call<T.Page<T.LeadList>>('GET', `/campaigns/${campaign}/lists`),
  changeList: (id: number, changes: Partial<T.ListSettings>) => call<T.LeadList>('PATCH', `/lists/${id}`, { body: changes }),
  held: (campaign: number) => call<T.Page<T.HeldBack>>('GET', `/campaigns/${campaign}/held`),
  heldBy: (campaign: number, rule: string) => call<T.Page<T.HeldPerson>>('GET', `/campaigns/${campaign}/held/${rule}`),
  callbacks: () => call<T.Page<T.Callback>>('GET', '/callbacks'),
  foreseen: (call_id: string, at: string, own: boolean) => call<T.Foreseen>('GET', `/callbacks/foreseen${query({ call_id, at, own: String(own) })}`),
  foreseenMove: (id: number, at: string, own: boolean) => call<T.Foreseen>('GET', `/callbacks/${id}/foreseen${query({ at, own: String(own) })}`),
  moveCallback: (id: number, at: string, agent_id: number | null) => call<void>('PATCH', `/callbacks/${id}`, { body: { at, agent_id } }),
  withdrawCallback: (id: number, reason: string) => call<void>('POST', `/callbacks/${id}/withdraw`, { body: { reason } }),
  packs: () => call<T.Page<T.PackRow>>('GET', '/rule-packs'),
  pack: (name: string) => call<T.Pack>('GET', `/rule-packs/${name}`),
  checkPack: (body: string) => call<T.PackCheck>('POST', '/rule-packs/check', { body: { body } }),
  publishPack: (body: string) => call<T.PackCheck>('POST', '/rule-packs', { body: { body } }),
  suppressionLists: () => call<T.Page<T.SuppressionList>>('GET', '/suppression-lists'),
  suppress: (form: FormData) => call<T.SuppressionReport>('POST', '/suppression-lists', { form }),
  dropSuppressionList: (id: number, reason: string) => call<void>('DELETE', `/suppression-lists/${id}${query({ reason })}`),
  inboundService: () => call<T.Page<T.InboundService>>('GET', '/inbound/service'),
  complaints: (asked: ComplaintSearch, cursor: string | null) => call<T.Page<T.Complaint>>('GET', `/complaints${query({ ...asked, cursor })}`),
  openComplaint: (body: T.NewComplaint) => call<T.CaseOpened>('POST', '/complaints', { body }),
  answerComplaint: (id: number, text: string) => call<T.Complaint>('POST', `/complaints/${id}/answer`, { body: { text } }),
  closeComplaint: (id: number, reason: string) => call<T.Complaint>('POST', `/complaints/${id}/close`, { body: { reason } }),
  callerIds: () => call<T.Page<T.CallerId>>('GET', '/caller-ids'),
  putCallerId: (number: string, row: Omit<T.CallerId, 'number'>) => call<void>('PUT', `/caller-ids/${encodeURIComponent(number)}`, { body: row }),
  dropCallerId: (number: string) => call<void>('DELETE', `/caller-ids/${encodeURIComponent(number)}`),
  trunks: () => call<T.Page<T.Trunk>>('GET', '/trunks'),
  putTrunk: (name: string, all: T.TrunkSettings) => call<void>('PUT', `/trunks/${encodeURIComponent(name)}`, { body: all }),
  agentSkills: () => call<T.Page<T.AgentSkills>>('GET', '/agents/skills'),
  setSkills: (id: number, skills: Record<string, number>) => call<void>('PUT', `/agents/${id}/skills`, { body: { skills } }),

  pauseAgent: (id: number) => call<void>('POST', `/agents/${id}/pause`, { body: {} }),
  logOutAgent: (id: number) => call<void>('POST', `/agents/${id}/log_out`, { body: {} }),

  looserWishes: () => call<T.Page<T.LooserWish>>('GET', '/looser-wishes'),
  agreeLooser: (id: number, reason: string) => call<void>('POST', `/looser-wishes/${id}/agree`, { body: { reason } }),
  refuseLooser: (id: number, reason: string) => call<void>('POST', `/looser-wishes/${id}/refuse`, { body: { reason } }),
  alarms: () => call<T.Page<T.Alarm>>('GET', '/alarms?over=true'),
  checkup: () => call<T.Checkup>('GET', '/checkup'),
  acknowledge: (id: number) => call<void>('POST', `/alarms/${id}/acknowledge`, { body: {} }),

  recordings: (search: RecordingSearch) => call<T.Page<T.RecordingRow>>('GET', `/recordings${query({ ...search })}`),
  recording: (id: number) => call<T.Recording>('GET', `/recordings/${id}`),
  verdicts: (search: Record<string, string | undefined>) => call<T.Page<T.Verdict>>('GET', `/verdicts${query({ ...search })}`),
  verdictAudioUrl: (attempt: string, stage: string) => `/api/v1/verdicts/${attempt}/${stage}/audio`,
  correctVerdict: (attempt: string, stage: string, truth: T.Truth) => call<void>('POST', `/verdicts/${attempt}/${stage}/correction`, { body: { truth } }),
  audioUrl: (id: number) => `/api/v1/recordings/${id}/audio`,
  addComment: (id: number, offset_ms: number, body: string) =>
    call<T.CallComment>('POST', `/recordings/${id}/comments`, { body: { offset_ms, body } }),
  dropComment: (id: number, comment: number) => call<void>('DELETE', `/recordings/${id}/comments/${comment}`),
  scorecards: () => call<T.Page<T.Scorecard>>('GET', '/scorecards'),
  evaluate: (id: number, given: ScoreGiven) => call<T.Evaluation>('POST', `/recordings/${id}/evaluations`, { body: given }),
}
