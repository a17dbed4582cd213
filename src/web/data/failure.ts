import type { Problem } from '../wire.ts'

/**
 * `offline`: nobody answered; `token`: the token does not count; `scope`: it may not do this;
 * `absent`: there is no such thing; `busy`: later; `other`: the answer says what.
 */
export type FailureKind = 'offline' | 'token' | 'scope' | 'absent' | 'busy' | 'other'

/** Why a request did not succeed. The message is for a person. */
export class Failure extends Error {
  readonly kind: FailureKind
  readonly retryAfterS: number | null

  constructor(kind: FailureKind, message: string, retryAfterS: number | null = null) {
    super(message)
    this.name = 'Failure'
    this.kind = kind
    this.retryAfterS = retryAfterS
  }
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  401: 'token',
  403: 'scope',
  404: 'absent',
  429: 'busy',
  503: 'busy',
}

/** Reads what an answer that is not 2xx says (RFC 9457), or says that it says nothing. */
export const failureOf = async (response: Response): Promise<Failure> => {
  const { status } = response
  const problem = await readProblem(response)
  const waitS = Number(response.headers.get('retry-after'))
  return new Failure(
    KINDS[status] ?? 'other',
    problem?.detail ?? problem?.title ?? `The server answered with status ${status}`,
    waitS > 0 ? waitS : null,
  )
}

const readProblem = async (response: Response): Promise<Partial<Problem> | null> => {
  try {
    return (await response.json()) as Partial<Problem> | null
  } catch {
    // A proxy in between answers in its own words, which help nobody.
    return null
  }
}
