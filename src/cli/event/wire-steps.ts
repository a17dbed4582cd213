import { checkEvent } from '../../signals/mqtt/schemas.ts'
import type { WireEnvelope } from '../../signals/mqtt/wire.ts'
import { Failure } from '../failure.ts'
import type { Step } from './steps.ts'

/** @throws Failure `not-understood` */
export const readDocument = (payload: Buffer, topic: string): WireEnvelope => {
  const document = parse(payload)
  const checked = checkEvent(document)
  if (checked.ok) return checked.value
  throw new Failure('not-understood', `what is retained on ${topic} is no event: ${checked.reason}`)
}

export interface HeardStep extends Step {
  /** Of the message: one that comes again has the same. */
  readonly id: string
  readonly eventId: string
}

const WIRE_STATES: Readonly<Record<string, string>> = { optedOut: 'opted-out' }

/** An acknowledgement or a state; `null` for what is neither. */
export const readStep = (payload: Buffer): HeardStep | null => {
  const document = parse(payload) as { id?: unknown; data?: Record<string, unknown> } | undefined
  const { eventId, modification, state, at, code, reason, committed } = document?.data ?? {}
  if (typeof eventId !== 'string' || typeof modification !== 'number') return null
  if (typeof state !== 'string' || typeof at !== 'string') return null
  return {
    id: String(document?.id),
    eventId,
    modification,
    state: WIRE_STATES[state] ?? state,
    at,
    code: typeof code === 'string' ? code : null,
    reason: typeof reason === 'string' ? reason : null,
    committedW: Array.isArray(committed)
      ? committed.map((promise: { kw?: unknown }) => Number(promise.kw) * 1_000)
      : null,
  }
}

const parse = (payload: Buffer): unknown => {
  try {
    return JSON.parse(payload.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
