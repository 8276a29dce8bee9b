/** What is known of the installation: how it is, and what has gone wrong. */

/** What can be seen of the installation from the web process. */
export interface Checkup {
  lines: { name: string; state: 'ok' | 'warning' | 'fault'; detail: string; cure: string }[]
}

export interface Alarm {
  id: number
  /** When it was raised first. */
  at: string
  kind: string
  subject: string
  detail: string
  /** How often it was raised. */
  count: number
  last_at: string
  /** Since when it is over; null = it goes on. */
  ended_at: string | null
}
