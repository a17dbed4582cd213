import { Failure, failureOf } from './failure.ts'

export interface Http {
  /** @throws Failure */
  get<T>(path: string, abort?: AbortSignal): Promise<T>
  /** @throws Failure */
  post<T>(path: string, body: unknown): Promise<T>
  /** @throws Failure */
  remove<T>(path: string): Promise<T>
  /** An answer whose body is still arriving. @throws Failure */
  open(
    path: string,
    headers: Readonly<Record<string, string>>,
    abort: AbortSignal,
  ): Promise<Response>
}

/** Longer than the slowest read takes on a busy machine. */
const TIMEOUT_MS = 20_000

/**
 * Requests with a bearer token, always to where the page came from.
 * Paths are relative (`v1/site`), so that the page works below any prefix of a proxy.
 */
export const createHttp = (token: string, baseUrl: string = document.baseURI): Http => {
  const request = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = {
      ...(init.headers as Record<string, string>),
      authorization: `Bearer ${token}`,
    }
    const url = new URL(path, baseUrl)
    let response: Response
    try {
      response = await fetch(url, { ...init, headers, cache: 'no-store', credentials: 'omit' })
    } catch (cause) {
      if (init.signal?.aborted && !isTimeout(init.signal)) throw cause
      throw new Failure('offline', 'Busbar cannot be reached')
    }
    if (!response.ok) throw await failureOf(response)
    return response
  }

  const json = async <T>(path: string, init: RequestInit): Promise<T> => {
    const response = await request(path, init)
    if (response.status === 204) return undefined as T
    try {
      return (await response.json()) as T
    } catch {
      throw new Failure('offline', 'The answer of Busbar broke off')
    }
  }

  return {
    get: (path, abort) => {
      const timeout = AbortSignal.timeout(TIMEOUT_MS)
      return json(path, { signal: abort ? AbortSignal.any([abort, timeout]) : timeout })
    },
    post: (path, body) =>
      json(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }),
    remove: (path) => json(path, { method: 'DELETE', signal: AbortSignal.timeout(TIMEOUT_MS) }),
    open: (path, headers, abort) => request(path, { headers: { ...headers }, signal: abort }),
  }
}

const isTimeout = ({ reason }: AbortSignal): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError'
