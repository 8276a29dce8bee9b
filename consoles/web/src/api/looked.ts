import { ApiProblem } from '@/api/http'

/** The beginning of a file: of a text enough to see its titles and first rows, of a workbook all of it. */
const ENOUGH = 256 * 1024
const WORKBOOKS = ['504b0304', 'd0cf11e0']

/** A form that asks for a look at a file. */
export async function looked(file: File, said: { sheet: string; header_row: number | null; mapping: Record<string, string>; campaign?: number | null }): Promise<FormData> {
  const first = [...new Uint8Array(await file.slice(0, 4).arrayBuffer())].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const form = new FormData()
  if (said.sheet) form.set('sheet', said.sheet)
  if (said.header_row) form.set('header_row', String(said.header_row))
  if (Object.keys(said.mapping).length > 0) form.set('mapping', JSON.stringify(said.mapping))
  if (said.campaign) form.set('campaign', String(said.campaign))
  form.set('file', WORKBOOKS.includes(first) ? file : file.slice(0, ENOUGH), file.name)
  return form
}

/** How often is asked again while the server is busy with other files. */
const TRIES = 5

function pause(seconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, seconds * 1000))
}

/** Ask, and ask again when the server says so; undefined when nobody wants to know any more. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal, wait: (seconds: number) => Promise<void> = pause): Promise<T | undefined> {
  for (let tried = 1; !signal.aborted; tried += 1) {
    try {
      return await ask()
    } catch (error) {
      if (signal.aborted) break
      if (!(error instanceof ApiProblem) || error.code !== 'importing' || tried >= TRIES) throw error
      await wait(error.retryAfter || 1)
    }
  }
  return undefined
}
