/**
 * Every fault that Busbar raises, declared once: code -> HTTP status and what it means.
 * `docs/reference/errors.md` lists the same codes; a test compares the two.
 */
export const ERRORS = {
  'config-invalid': { status: 500, title: 'The configuration is invalid' },
  'payload-invalid': { status: 422, title: 'The request does not fit its schema' },
  'query-invalid': { status: 400, title: 'A query parameter is invalid' },
  'body-unreadable': { status: 400, title: 'The request could not be read' },
  'body-too-large': { status: 413, title: 'The request is too large' },
  'media-type-unsupported': { status: 415, title: 'The body must be application/json' },
  unauthenticated: { status: 401, title: 'A valid bearer token is required' },
  forbidden: { status: 403, title: 'The token lacks the scope for this' },
  'not-found': { status: 404, title: 'There is no such resource' },
  conflict: { status: 409, title: 'The request conflicts with the present state' },
  'station-offline': { status: 409, title: 'The station is not connected' },
  'station-not-accepted': { status: 409, title: 'The station has not been accepted' },
  'station-rejected': { status: 409, title: 'The station refused' },
  'station-call-error': { status: 502, title: 'The station answered with an error' },
  'station-timeout': { status: 504, title: 'The station did not answer in time' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'storage-failed': { status: 500, title: 'The storage could not write or read' },
  'record-invalid': { status: 500, title: 'The storage cannot hold a value' },
  'query-too-wide': { status: 422, title: 'The query would find or look through too much' },
  'storage-overloaded': { status: 503, title: 'Too many writes are waiting' },
  'listen-failed': { status: 500, title: 'A port could not be opened' },
  'invariant-broken': { status: 500, title: 'A safety invariant was broken' },
  internal: { status: 500, title: 'Something went wrong inside' },
} as const

export type ErrorCode = keyof typeof ERRORS

export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: unknown

  /** `message` says what is wrong, where, and what to do. */
  constructor(code: ErrorCode, message: string, options?: { details?: unknown; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.details = options?.details
  }

  get status(): number {
    return ERRORS[this.code].status
  }
}

/** The AppError inside, or a wrapped `internal`. */
export const asAppError = (error: unknown): AppError =>
  error instanceof AppError
    ? error
    : new AppError('internal', error instanceof Error ? error.message : String(error), {
        cause: error,
      })
