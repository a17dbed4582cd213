import { randomUUID } from 'node:crypto'
import { faultOf } from '../../control/events/soundness.ts'
import { checkEvent } from '../../signals/mqtt/schemas.ts'
import { toGridEvent } from '../../signals/mqtt/to-domain.ts'
import type { WireEnvelope, WireEvent, WireSignal } from '../../signals/mqtt/wire.ts'
import { UsageError } from '../failure.ts'

/** What the command line says about an event. */
export interface Wish {
  readonly kind: WireSignal['kind']
  readonly limitKw?: number
  readonly limitA?: number
  readonly value?: number
  readonly unit?: WireSignal['unit']
  readonly currency?: string
  readonly scope: NonNullable<WireSignal['scope']>
  readonly minutes: number
  /** Absent = now. */
  readonly startMs?: number
  readonly targets: readonly string[]
  readonly eventClass: WireEvent['class']
  readonly priority: number
  readonly optOut: boolean
}

const UNITS: Readonly<Record<WireSignal['kind'], WireSignal['unit']>> = {
  importLimit: 'kW',
  exportLimit: 'kW',
  setpoint: 'kW',
  reduceBy: 'kW',
  level: 'level',
  noCharge: 'level',
  price: 'currency/kWh',
  ghg: 'g/kWh',
  socTarget: 'percent',
}

const valueOf = (wish: Wish): { unit: WireSignal['unit']; value: number } => {
  const { kind, limitKw, limitA, value, unit } = wish
  const given = [limitKw, limitA, value].filter((one) => one !== undefined)
  if (given.length > 1) {
    throw new UsageError('give one of --limit-kw, --limit-a and --value, not several')
  }
  if (limitKw !== undefined) return { unit: 'kW', value: limitKw }
  if (limitA !== undefined) return { unit: 'A', value: limitA }
  if (value !== undefined) return { unit: unit ?? UNITS[kind], value }
  // There is but one thing to say.
  if (kind === 'noCharge') return { unit: 'level', value: 1 }
  throw new UsageError(`say how much: --limit-kw, --limit-a, or --value (in ${UNITS[kind]})`)
}

/**
 * An event as the profile has it: one interval from its start on.
 *
 * @throws UsageError for one that makes no sense, whoever gets it
 */
export const draftEvent = (
  wish: Wish,
  eventId: string,
  modification: number,
  nowMs: number,
): WireEvent => {
  const { kind, scope, currency, startMs = nowMs, targets, eventClass, priority, optOut } = wish
  const { unit, value } = valueOf(wish)
  const durationMs = Math.round(wish.minutes * 60_000)
  const event: WireEvent = {
    eventId,
    modification,
    status: 'issued',
    class: eventClass,
    priority,
    optOut,
    ...(targets.length > 0 ? { targets } : {}),
    issuedAt: iso(nowMs),
    notAfter: iso(startMs + durationMs),
    start: iso(startMs),
    signal: { kind, unit, scope, ...(currency === undefined ? {} : { currency }) },
    intervals: [{ id: 0, duration: `PT${durationMs / 1_000}S`, value }],
  }
  const fault = faultOf(toGridEvent(event, ANY_SITE))
  if (fault !== null) throw new UsageError(fault)
  return event
}

/** The same event, ended. */
export const cancelEvent = (event: WireEvent, atMs: number, nowMs: number): WireEvent => ({
  ...event,
  modification: event.modification + 1,
  status: 'cancelled',
  issuedAt: iso(nowMs),
  cancelAt: iso(atMs),
})

/** The CloudEvent around it. */
export const wrapEvent = (event: WireEvent, operator: string, nowMs: number): WireEnvelope => {
  const id = randomUUID()
  return {
    specversion: '1.0',
    id,
    type: 'gs.event.v1',
    source: operator,
    subject: event.eventId,
    time: iso(nowMs),
    correlationid: id,
    data: event,
  }
}

/** Nothing here depends on the site, so no site is needed to see it. */
const ANY_SITE = { authority: 'cli', aliases: new Map<string, string[]>(), ratedPowerW: 0 }

/** @throws UsageError for a document that the profile does not allow, such as a target with a slash */
export const checkDocument = (envelope: WireEnvelope): void => {
  const checked = checkEvent(envelope)
  if (!checked.ok) throw new UsageError(`the profile does not allow this event: ${checked.reason}`)
}

/** First start and last end. */
export const spanOf = (event: WireEvent): { readonly startMs: number; readonly endMs: number } => {
  const { intervals } = toGridEvent(event, ANY_SITE)
  return { startMs: intervals[0].startMs, endMs: intervals[intervals.length - 1].endMs }
}

/** The event as the API takes it. Without `startMs` it starts by the clock of the other end. */
export const toNewEvent = (
  event: WireEvent,
  { startMs }: Pick<Wish, 'startMs'>,
  eventId: string | undefined,
): Record<string, unknown> => {
  const { signal, intervals, targets, eventClass, priority, optOut } = toGridEvent(event, ANY_SITE)
  const [{ startMs: fromMs, endMs, value }] = intervals
  const { kind, unit, scope, currency } = signal
  const length =
    startMs === undefined
      ? { durationS: (endMs - fromMs) / 1_000 }
      : { start: iso(fromMs), end: iso(endMs) }
  return {
    ...(eventId === undefined ? {} : { eventId }),
    signal: { kind, unit, scope, ...(currency === null ? {} : { currency }) },
    intervals: [{ ...length, value }],
    targets,
    eventClass,
    priority,
    optOut,
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
