/** One door to the HTTP API: JSON in and out, refusals as ApiError, no network as Offline. */
import type { ErrorBody } from './types'

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.code)
    this.name = 'ApiError'
  }
}

/** The server could not be reached, or answered that it is not there for now (502, 503, 504). */
export class Offline extends Error {
  override name = 'Offline'
}

interface Options {
  body?: unknown
  /** Sent as it is, in the place of `body`. */
  raw?: Blob
  type?: string
  query?: Record<string, string | number | undefined | null>
  /** Let the request outlive the page: for the last save when a tab closes. */
  keepalive?: boolean
  timeout?: number
}

const AWAY = new Set([502, 503, 504])

export async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(path + queryString(options.query), {
      method,
      credentials: 'same-origin',
      headers: {
        'Content-Type': options.raw ? (options.type ?? 'application/octet-stream') : 'application/json',
        'X-Requested-With': 'hotline',
      },
      body: options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
      keepalive: options.keepalive ?? false,
      signal: AbortSignal.timeout(options.timeout ?? 15_000),
    })
  } catch (cause) {
    throw new Offline(method, { cause })
  }
  if (!response.ok) {
    const refusal = await errorBody(response)
    // A gateway's own 502…504 means nobody answered; the same status with our code is an answer (switch down).
    if (AWAY.has(response.status) && refusal === null) throw new Offline(method)
    throw new ApiError(response.status, refusal ?? unnamed(response.status))
  }
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined as T
  return (await response.json()) as T
}

export const get = <T>(path: string, query?: Options['query']) => request<T>('GET', path, { query })
export const post = <T>(path: string, body: unknown = {}) => request<T>('POST', path, { body })
export const put = <T>(path: string, body: unknown = {}) => request<T>('PUT', path, { body })
export const patch = <T>(path: string, body: unknown, keepalive = false) =>
  request<T>('PATCH', path, { body, keepalive })
/** Send a sound file as it is. */
export const upload = (path: string, file: File) => request<void>('PUT', path, { raw: file, type: 'audio/wav' })
export const remove = (path: string) => request<void>('DELETE', path)

async function errorBody(response: Response): Promise<ErrorBody | null> {
  try {
    const body = (await response.json()) as Partial<ErrorBody>
    return typeof body.code === 'string' ? { code: body.code, zh: '', en: '', details: {}, ...body } : null
  } catch {
    return null
  }
}

function unnamed(status: number): ErrorBody {
  return { code: `HTTP_${status}`, zh: `服务器返回 ${status}`, en: `The server answered ${status}`, details: {} }
}

function queryString(query: Options['query']): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')
  if (pairs.length === 0) return ''
  return '?' + new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString()
}
