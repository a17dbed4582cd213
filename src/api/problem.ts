import { AppError, asAppError, ERRORS, type ErrorCode } from '../errors.ts'
import type { ProblemDocument } from './shapes.ts'

export const PROBLEM_TYPE = 'application/problem+json'

export interface FieldError {
  /** JSON Pointer into the body, or the name of a parameter. */
  readonly pointer: string
  readonly detail: string
}

/** What an AppError may carry for the client. Any other details stay inside. */
export interface PublicDetails {
  readonly errors?: readonly FieldError[]
  readonly station?: { readonly code?: string; readonly response?: unknown }
  readonly retryAfterS?: number
}

/** Codes whose details were made for the client, by this folder. */
const SHOWN: ReadonlySet<ErrorCode> = new Set([
  'payload-invalid',
  'query-invalid',
  'station-rejected',
  'station-call-error',
  'too-many-requests',
])

/** Faults of ours: their message may name files, hosts or tables. */
const HIDDEN: ReadonlySet<ErrorCode> = new Set([
  'internal',
  'invariant-broken',
  'storage-failed',
  'record-invalid',
  'config-invalid',
  'listen-failed',
])

export const publicDetails = ({ code, details }: AppError): PublicDetails => {
  if (!SHOWN.has(code) || typeof details !== 'object' || details === null) return {}
  const { errors, station, retryAfterS } = details as PublicDetails
  return { errors, station, retryAfterS }
}

/** A path of this server, which answers with the description of the code. */
export const problemType = (code: ErrorCode): string => `/problems/${code}`

/** The one form of every error that leaves the API (RFC 9457). */
export const problemOf = (error: AppError, requestId: string): ProblemDocument => {
  const { code } = error
  const { status, title } = ERRORS[code]
  const { errors, station } = publicDetails(error)
  return {
    type: problemType(code),
    title,
    status,
    code,
    detail: HIDDEN.has(code) ? `The log has the cause, under ${requestId}` : error.message,
    instance: `urn:uuid:${requestId}`,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(station === undefined ? {} : { station }),
  }
}

/** Not there, out of the folder of the page, or a name that is longer than any of ours. */
const NOWHERE: ReadonlySet<number> = new Set([403, 404, 414])

/** The errors of the HTTP framework in our own words. */
export const toAppError = (error: unknown): AppError => {
  if (error instanceof AppError) return error
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown }
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) {
    return asAppError(error)
  }
  const message = error instanceof Error ? error.message : String(error)
  if (statusCode === 413) {
    return new AppError('body-too-large', 'The body is larger than this route takes; send less')
  }
  if (statusCode === 415) {
    return new AppError(
      'media-type-unsupported',
      'Send the body as JSON, with the header Content-Type: application/json',
    )
  }
  if (NOWHERE.has(statusCode) || code === 'FST_ERR_BAD_URL') {
    return new AppError('not-found', 'There is nothing at this path; see /openapi.json')
  }
  return new AppError('body-unreadable', message)
}
