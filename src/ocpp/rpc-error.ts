import { AppError, type ErrorCode } from '../errors.ts'
import type { Protocol } from './dialect.ts'

/** Codes of a CALLERROR, in the spelling of OCPP 2.0.1 (part 4, table 8). */
export const RPC_ERROR_CODES = [
  'NotImplemented',
  'NotSupported',
  'InternalError',
  'ProtocolError',
  'SecurityError',
  'FormatViolation',
  'PropertyConstraintViolation',
  'OccurrenceConstraintViolation',
  'TypeConstraintViolation',
  'GenericError',
  'MessageTypeNotSupported',
  'RpcFrameworkError',
] as const

export type RpcErrorCode = (typeof RPC_ERROR_CODES)[number]

/**
 * Thrown by a handler to answer with a CALLERROR. Transaction messages should never see one: a
 * station that is refused drops the message or blocks its queue.
 */
export class RpcError extends Error {
  readonly code: RpcErrorCode

  constructor(code: RpcErrorCode, description: string) {
    super(description)
    this.name = 'RpcError'
    this.code = code
  }
}

/** OCPP 1.6-J keeps two old spellings (errata 5.1, 5.2) and lacks two codes. */
const SPELLING_16: Partial<Record<RpcErrorCode, string>> = {
  FormatViolation: 'FormationViolation',
  OccurrenceConstraintViolation: 'OccurenceConstraintViolation',
  MessageTypeNotSupported: 'NotSupported',
  RpcFrameworkError: 'ProtocolError',
}

/** The code as the version of the protocol spells it. */
export const spell = (code: RpcErrorCode, protocol: Protocol): string =>
  protocol === 'ocpp1.6' ? (SPELLING_16[code] ?? code) : code

const KNOWN: ReadonlyMap<string, RpcErrorCode> = new Map<string, RpcErrorCode>([
  ...RPC_ERROR_CODES.map((code) => [code.toLowerCase(), code] as const),
  ['formationviolation', 'FormatViolation'],
  ['formatviolationerror', 'FormatViolation'],
  ['occurenceconstraintviolation', 'OccurrenceConstraintViolation'],
])

/** A received code in the spelling of 2.0.1; what no version knows becomes GenericError. */
export const readErrorCode = (text: unknown): RpcErrorCode =>
  (typeof text === 'string' ? KNOWN.get(text.trim().toLowerCase()) : undefined) ?? 'GenericError'

/** Faults of the inside, as a station may see them. Whatever is not listed is an InternalError. */
const FROM_APP_ERROR: Partial<Record<ErrorCode, RpcErrorCode>> = {
  'payload-invalid': 'PropertyConstraintViolation',
  'query-invalid': 'PropertyConstraintViolation',
  'not-found': 'PropertyConstraintViolation',
  conflict: 'GenericError',
  'too-many-requests': 'GenericError',
  unauthenticated: 'SecurityError',
  forbidden: 'SecurityError',
  'station-not-accepted': 'SecurityError',
}

/**
 * The one place where faults become CALLERRORs. `internal` tells that it is ours and must be
 * logged; its text stays inside.
 */
export const asRpcError = (error: unknown): { readonly error: RpcError; internal: boolean } => {
  if (error instanceof RpcError) return { error, internal: false }
  const code = error instanceof AppError ? FROM_APP_ERROR[error.code] : undefined
  return code === undefined
    ? { error: new RpcError('InternalError', 'The request could not be handled'), internal: true }
    : { error: new RpcError(code, (error as AppError).message), internal: false }
}
