import { describe, expect, it } from 'vitest'
import { followed } from '@/api/followed'
import { ApiProblem } from '@/api/http'
import type { Job } from '@/api/types'

function job(rows: number, finished: boolean): Job {
  return { id: 1, state: finished ? 'done' : 'running', finished_at: finished ? '2026-12-01T10:00:00Z' : null, progress: { rows, read: 0, size: 0 } } as Job
}

/** Answers one after another; a problem is thrown. */
function answers(...list: (Job | ApiProblem)[]): () => Promise<Job> {
  return async () => {
    const next = list.shift()
    if (next === undefined) throw new Error('asked once too often')
    if (next instanceof ApiProblem) throw next
    return next
  }
}

const now = async () => undefined

describe('a job that is followed', () => {
  it('is asked for until it is over, and each look is told', async () => {
    const seen: number[] = []
    const ended = await followed(answers(job(1, false), job(2, false), job(3, true)), (one) => seen.push(one.progress!.rows), new AbortController().signal, now)
    expect(seen).toEqual([1, 2, 3])
    expect(ended?.state).toBe('done')
  })

  it('goes on while the way to the server is broken', async () => {
    const broken = new ApiProblem(0, 'network', '')
    const ended = await followed(answers(broken, job(1, false), new ApiProblem(503, 'unavailable', ''), job(2, true)), () => undefined, new AbortController().signal, now)
    expect(ended?.progress?.rows).toBe(2)
  })

  it('is given up when it is gone', async () => {
    await expect(followed(answers(new ApiProblem(404, 'not_found', '')), () => undefined, new AbortController().signal, now)).rejects.toThrow()
  })

  it('is told to nobody once the page is left', async () => {
    const left = new AbortController()
    const seen: Job[] = []
    const ask = async () => {
      left.abort()
      return job(1, true)
    }
    expect(await followed(ask, (one) => seen.push(one), left.signal, now)).toBeUndefined()
    expect(seen).toEqual([])
  })
})
