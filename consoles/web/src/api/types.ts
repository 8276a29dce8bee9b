/** The names by which pages call the shapes of the HTTP API; the shapes are made from the server's models. */
import type * as S from '@/api/schema'

export type { Page } from '@/api/schema'

export type User = S.UserView
export type Role = User['role']
export type Locale = User['locale']
export type IceServer = S.IceServer
export type SipAccount = S.SipAccount
export type Session = S.SessionView
export type Ticket = S.Ticket

export type PauseCode = S.PauseCode
export type Disposition = S.Disposition
export type Codes = S.Codes
export type Directory = S.Directory
export type HistoryRow = S.PastCall

export type CampaignStatus = S.CampaignStatus
export type Outcome = S.Outcome
export type RetryRule = S.RetryRule
export type DialMode = S.DialMode
export type CampaignSettings = S.CampaignSettings
export type Campaign = S.CampaignOut
export type CampaignVersion = S.VersionOut
export type Looser = S.Looser
export type LooserWish = S.Wish

export type Decision = S.Decision
export type Outlook = S.OutlookOut
export type Forecast = S.ForecastOut
export type ForecastNote = Forecast['notes'][number]
export type PacingMinute = S.Minute
export type Pacing = S.PacingOut

export type PersonRow = S.PersonFound
export type Hold = S.HoldWhy
export type WhyDebt = S.DebtWhy
export type WhyLead = S.LeadWhy
export type Gate = S.NumberAnswer['gate']
export type NumberAnswer = S.NumberAnswer
export type WhyPhone = S.PhoneWhy
export type Revived = S.RevivedOut
export type WhyAttempt = S.AttemptWhy
export type Why = S.Why

export type ListSettings = S.ListSettings
export type ListOrder = ListSettings['order_by']
export type LeadList = S.ListOut
export type HeldBack = S.HeldOut
export type HeldPerson = S.HeldPerson
export type Foreseen = S.CallbackForeseen
export type Callback = S.CallbackOut

export type PackRow = S.PackRow
export type PackRule = S.PackRule
export type Pack = S.PackOut
export type PackCheck = S.PackCheck
export type CallerId = S.CallerIdOut
export type InboundWindow = S.InboundWindow
export type InboundService = S.InboundService
export type TrunkSettings = Required<S.TrunkIn>
export type Trunk = S.TrunkOut
export type AgentSkills = S.AgentSkills

export type Truth = S.CorrectionIn['truth']
export type Verdict = S.VerdictOut
export type RecordingRow = S.RecordingRow
export type CallEvent = S.EventOut
export type CallComment = S.CommentOut
export type Evaluation = S.EvaluationOut
export type DispositionGiven = S.DispositionOut
export type Recording = S.RecordingOut
export type ScorecardItem = S.ItemOut
export type Scorecard = S.ScorecardOut

export type NewComplaint = S.ComplaintIn
export type Complaint = S.ComplaintOut
export type Via = Complaint['via']
export type CaseOpened = S.CaseOpened

export type ImportReject = S.RejectOut
export type ImportTemplate = S.TemplateOut
export type FileLook = S.LookOut
export type ImportDoubt = S.DoubtOut
export type Journal = S.JournalOut
export type Letter = S.LetterOut
export type JobRow = S.JobRow
export type Job = S.JobOut
export type ImportSample = S.SampleOut
export type ImportReport = S.ImportOut
export type SuppressionList = S.SuppressionOut
export type SuppressionReport = S.SuppressionReport

export type Checkup = S.Checkup
export type Alarm = S.Alarm
