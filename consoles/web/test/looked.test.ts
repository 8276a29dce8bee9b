import { describe, expect, it } from 'vitest'
import { ApiProblem } from '@/api/http'
import { patiently } from '@/api/looked'

const busy = (seconds: number) => new ApiProblem(429, 'importing', 'other files are being looked at', [], seconds)

/** A server that gives these answers one after the other, and the seconds somebody waited between them. */
function server(...answers: (string | Error)[]) {
  const waited: number[] = []
  const ask = (): Promise<string> => {
    const answer = answers.shift() ?? 'too often'
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
  const wait = (seconds: number): Promise<void> => {
    waited.push(seconds)
    return Promise.resolve()
  }
  return { ask, wait, waited }
}

describe('a look at a file', () => {
  it('is asked for again as long as the server said', async () => {
    const { ask, wait, waited } = server(busy(2), busy(3), 'columns')
    expect(await patiently(ask, new AbortController().signal, wait)).toBe('columns')
    expect(waited).toEqual([2, 3])
  })

  it('is given up after a few times, and at once for any other reason', async () => {
    const often = server(...Array<Error>(9).fill(busy(1)))
    await expect(patiently(often.ask, new AbortController().signal, often.wait)).rejects.toThrow('looked at')
    expect(often.waited).toHaveLength(4)
    const wrong = server(new ApiProblem(422, 'invalid', 'no file'))
    await expect(patiently(wrong.ask, new AbortController().signal, wrong.wait)).rejects.toThrow('no file')
  })

  it('says nothing when another one has taken its place', async () => {
    const over = new AbortController()
    const { ask } = server(busy(2), 'columns of another file')
    const wait = (): Promise<void> => Promise.resolve(over.abort())
    expect(await patiently(ask, over.signal, wait)).toBeUndefined()
  })
})
