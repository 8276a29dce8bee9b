/** The register of complaints, as the server says it. */

export type Via = 'phone' | 'email' | 'letter' | 'web' | 'in_person' | 'other'

export interface NewComplaint {
  text: string
  via: Via
  complainant?: string
  person_id?: number | null
  campaign_id?: number | null
  attempt_id?: string | null
  debt_id?: number | null
  creditor?: string
}

export interface CaseOpened {
  id: number
  case_number: string
  spoken: string
  due_on: string | null
  rule_source: string
}

export interface Complaint {
  id: number
  case_number: string
  spoken: string
  state: 'open' | 'answered' | 'closed'
  via: Via
  complainant: string
  person_id: number | null
  person: string | null
  campaign: string | null
  debt: string | null
  creditor: string
  text: string
  opened_at: string
  opened_by: string | null
  due_on: string | null
  due_at: string | null
  rule_source: string
  answer: string
  answered_at: string | null
  answered_by: string | null
  closed_at: string | null
  closed_by: string | null
  close_reason: string
  late: boolean
  /** Open, and near its deadline by the rules of the day it came. */
  near: boolean
}
