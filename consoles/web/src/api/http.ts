/** One place that talks HTTP: cookie session, CSRF header, problem+json errors. */

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: { loc: (string | number)[]; msg: string }[] = [],
    readonly retryAfter = 0,
  ) {
    super(detail || code)
  }
}

export interface Options {
  body?: unknown
  form?: FormData
  ifMatch?: number
  signal?: AbortSignal
  /** Milliseconds after which an answer is not waited for any more. */
  limit?: number
}

const BASE = '/api/v1'
const LIMIT_MS = 20_000
const UPLOAD_LIMIT_MS = 300_000

let csrf = ''
let onUnauthenticated: () => void = () => undefined

/** The token of the session in force; sent with every call that changes something. */
export function setCsrf(token: string): void {
  csrf = token
}

/** What to do when the server says the session has ended. */
export function whenUnauthenticated(then: () => void): void {
  onUnauthenticated = then
}

/** A query string from the values that are set. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `?${text}` : ''
}

/** One call; throws ApiProblem for every answer that is not a success, and for no answer ('network'), or none in time ('too_slow'). */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const answer = await send(method, path, options)
  if (!answer.ok) throw await problem(answer, path)
  if (answer.status === 204 || answer.headers.get('content-length') === '0') return undefined as T
  return (await answer.json()) as T
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const limit = AbortSignal.timeout(options.limit ?? (options.form ? UPLOAD_LIMIT_MS : LIMIT_MS))
  const request: RequestInit = {
    method,
    headers: headers(method, options),
    credentials: 'same-origin',
    signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
  }
  if (options.form) request.body = options.form
  else if (options.body !== undefined) request.body = JSON.stringify(options.body)
  try {
    return await fetch(BASE + path, request)
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new ApiProblem(0, limit.aborted ? 'too_slow' : 'network', String(error))
  }
}

function headers(method: string, options: Options): Record<string, string> {
  const sent: Record<string, string> = { Accept: 'application/json' }
  if (options.body !== undefined) sent['Content-Type'] = 'application/json'
  if (method !== 'GET' && csrf) sent['X-CSRF-Token'] = csrf
  if (options.ifMatch !== undefined) sent['If-Match'] = `"${options.ifMatch}"`
  return sent
}

async function problem(answer: Response, path: string): Promise<ApiProblem> {
  let body: { code?: string; detail?: string; errors?: { loc: (string | number)[]; msg: string }[] } = {}
  try {
    body = (await answer.json()) as typeof body
  } catch {
    // A proxy in between may answer something that is not JSON: the status is enough.
  }
  if (answer.status === 401 && path !== '/session') onUnauthenticated()
  const wait = Number(answer.headers.get('retry-after') ?? 0)
  return new ApiProblem(answer.status, body.code ?? `http_${answer.status}`, body.detail ?? '', body.errors ?? [], wait)
}
