/** What comes of files of people and of numbers. */

export interface ImportReject {
  row: number
  column: string
  code: string
  value: string
  taken: boolean
  es: string
  en: string
}

export interface ImportTemplate {
  id: number
  name: string
  columns: Record<string, string>
  default_region: string
  creditor: string
  dedupe: 'list' | 'campaign' | 'system'
  /** Of a workbook; '' = its first. */
  sheet: string
  /** Line of the titles; null = found. */
  header_row: number | null
  at: string
}

/** What a file seems to be. */
export interface FileLook {
  sheets: string[]
  /** Line of the titles, or of what is most like them; 0 = none. */
  header_row: number
  lines: [number, string][]
  /** `key`: what a mapping calls it, its header or its place (`#3`). */
  columns: { header: string; key: string; name: string; examples: string[] }[]
  /** Why the columns would be refused as they are; '' = they would not. */
  refused: string
  /** That nobody of the file would be called by the campaign that was named; null = it is not so. */
  no_consent: { es: string; en: string } | null
}

/** A row about a known customer number under another name. */
export interface ImportDoubt {
  row: number
  name: string
  known: string
  /** Sent back where they are one person. */
  mark: string
}

/** Work of a worker. */
export interface JobRow {
  id: number
  kind: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  file_name: string
  campaign_id: number | null
  campaign: string
  dry_run: boolean
  actor: string
  /** Whether who asks is who began it. */
  mine: boolean
  created_at: string
  started_at: string | null
  finished_at: string | null
  /** Rows, and bytes read of all. */
  progress: { rows: number; read: number; size: number } | null
  tries: number
  cancel_asked: boolean
  rejects_url: string | null
  error: string
}

export interface Job extends JobRow {
  /** Why the file as a whole was not taken. */
  refused: { es: string; en: string } | null
  result: ImportReport | null
}

/** A good row as it was understood. */
export interface ImportSample {
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

export interface ImportReport {
  samples: ImportSample[]
  elsewhere: number
  /** Dead numbers that are called again because their rows ask for it, and those that died again and are not. */
  revived: number
  dead_again: number
  /** (header of the file, our name or '') of every column. */
  columns: [string, string][]
  list_id: number | null
  rows: number
  accepted: number
  rejected: number
  persons: number
  phones: number
  duplicates: number
  reasons: Record<string, number>
  /** Of each reason. */
  words: Record<string, { es: string; en: string }>
  /** Rows that wait for a decision, and the first of them. */
  undecided: number
  doubts: ImportDoubt[]
  ignored_columns: string[]
  sheets: string[]
  /** Numbers that were left out of rows that are in. */
  warnings: number
  /** Line up to which all is in, and what ended the import after it; empty = nothing. */
  last_row: number
  broken: string
  broken_by: 'database_gone' | 'no_room' | 'row_refused' | 'other' | null
  /** That nobody of the file would be called: the rules ask for consent, and no column gives it. */
  no_consent: { es: string; en: string } | null
  rejects: ImportReject[]
  rejects_url: string | null
}

export interface SuppressionList {
  id: number
  name: string
  source: string
  numbers: number
  created_at: string
}

/** What came of a file of numbers, or would come of it. */
export interface SuppressionReport {
  id: number | null
  rows: number
  taken: number
  rejected: number
  /** Numbers that came onto the list or left it, or would. */
  changed: number
  /** Of a list that is replaced: numbers that stay, come and leave. */
  stays: number
  comes: number
  leaves: number
  /** Numbers that left the list, or would, and are not called all the same. */
  still: number
  ended: number
  dry_run: boolean
  /** Why nothing could be taken; '' = it could. */
  refused: string
  header_row: number
  sheets: string[]
  columns: { header: string; used: boolean; examples: string[] }[]
  samples: { row: number; text: string; number: string }[]
  rejects: { row: number; column: string; text: string; code: string; taken: boolean; es: string; en: string }[]
}

export interface CallerId {
  number: string
  label: string
  registry: string
  starts_on: string | null
  ends_on: string | null
}
