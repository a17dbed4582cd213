import { AppError, type ErrorCode } from '../errors.ts'
import type { CommandResult } from '../ports/station-gateway.ts'
import type { ApiDeps } from './deps.ts'
import type { PublicDetails } from './problem.ts'
import { auditDetail } from './redact.ts'

/** What a command to a station may be answered with, beside what every route may. */
export const COMMAND_PROBLEMS = [
  'payload-invalid',
  'station-offline',
  'station-not-accepted',
  'station-rejected',
  'station-call-error',
  'station-timeout',
  'conflict',
  'too-many-requests',
] as const satisfies readonly ErrorCode[]

export interface StationCommand {
  readonly stationId: string
  readonly action: string
  /** For the audit trail; secrets in it are hidden. */
  readonly detail: unknown
}

/**
 * Sends a command under the name of its sender: on record before it goes out, its outcome on record
 * before it is told. Returns what the station answered. Throws `not-found`, and what
 * `COMMAND_PROBLEMS` lists.
 */
export const commandStation = async (
  { csms }: Pick<ApiDeps, 'csms'>,
  by: string,
  { stationId, action, detail }: StationCommand,
  send: () => Promise<CommandResult>,
): Promise<{ response: unknown }> => {
  if (!csms.stations.find(stationId)) {
    throw new AppError('not-found', `there is no station "${stationId}"`)
  }
  const note = (what: string, more: object): Promise<void> =>
    csms.journal.commit([
      csms.audit.entry({ by, action: what, target: stationId, detail: { action, ...more } }),
    ])
  await note('station.command', { payload: auditDetail(detail) })
  const result = await send()
  const outcome = result.ok ? 'accepted' : result.reason
  await note('station.command-result', result.ok ? { outcome } : { outcome, said: result.detail })
  if (result.ok) return { response: result.response ?? {} }
  throw commandError(stationId, result)
}

type Failure = Extract<CommandResult, { ok: false }>

const CODES: Record<Failure['reason'], ErrorCode> = {
  offline: 'station-offline',
  'not-accepted': 'station-not-accepted',
  controlled: 'conflict',
  invalid: 'payload-invalid',
  busy: 'too-many-requests',
  timeout: 'station-timeout',
  rejected: 'station-rejected',
  'call-error': 'station-call-error',
}

const BUSY_RETRY_S = 10

export const commandError = (stationId: string, failure: Failure): AppError => {
  const { reason, detail, code, response } = failure
  const station = {
    ...(code === undefined ? {} : { code }),
    ...(response === undefined ? {} : { response }),
  }
  const details: PublicDetails = {
    ...(Object.keys(station).length > 0 ? { station } : {}),
    ...(reason === 'invalid' ? { errors: [placeOf(detail)] } : {}),
    ...(reason === 'busy' ? { retryAfterS: BUSY_RETRY_S } : {}),
  }
  return new AppError(CODES[reason], `${stationId}: ${detail}`, { details })
}

/** The gateway names the place in front: `Reset/type: must be one of Hard, Soft`. */
const placeOf = (detail: string): { pointer: string; detail: string } => {
  const [, pointer, complaint] = /^\w+((?:\/[^\s:]*)*): (.*)$/s.exec(detail) ?? []
  return complaint === undefined ? { pointer: '', detail } : { pointer, detail: complaint }
}
