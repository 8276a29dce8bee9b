import { ApiProblem } from '@/api/http'
import type { Job } from '@/api/types'

/** Seconds between two looks at a job. */
const STEP = 1
/** The job goes on whatever becomes of this page's way to the server. */
const PASSING = ['network', 'too_slow', 'unavailable', 'too_many']

function pause(seconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, seconds * 1000))
}

/** Ask for a job until it is over; undefined when nobody wants to know any more. */
export async function followed(
  ask: () => Promise<Job>,
  seen: (job: Job) => void,
  signal: AbortSignal,
  wait: (seconds: number) => Promise<void> = pause,
): Promise<Job | undefined> {
  while (!signal.aborted) {
    try {
      const job = await ask()
      if (signal.aborted) break
      seen(job)
      if (job.finished_at !== null) return job
    } catch (error) {
      if (!(error instanceof ApiProblem) || !PASSING.includes(error.code)) throw error
    }
    await wait(STEP)
  }
  return undefined
}
