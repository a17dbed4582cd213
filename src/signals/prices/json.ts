import { Ajv } from 'ajv'
import { Type, type Static } from 'typebox'
import {
  refuse,
  toSegments,
  UNIT_NAMES,
  unitFactor,
  type PriceDocument,
  type RawInterval,
} from './intervals.ts'

const Interval = Type.Object({
  start: Type.Optional(Type.String()),
  end: Type.Optional(Type.String()),
  duration: Type.Optional(Type.String()),
  value: Type.Union([Type.Number(), Type.Null()]),
})

/** `{currency, unit, kind, intervals: [{start, end | duration, value}]}` */
const Simple = Type.Object({
  currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
  unit: Type.Optional(Type.String()),
  kind: Type.Optional(Type.Enum(['import', 'export', 'carbon'])),
  intervals: Type.Array(Interval, { minItems: 1 }),
})

/** The parts of a grid event (CloudEvents, `gs.event.v1`) that a price or carbon curve uses. */
const Event = Type.Object({
  type: Type.Literal('gs.event.v1'),
  data: Type.Object({
    eventId: Type.String({ minLength: 1, maxLength: 128 }),
    modification: Type.Integer({ minimum: 0 }),
    status: Type.Enum(['issued', 'cancelled']),
    start: Type.String(),
    signal: Type.Object({
      kind: Type.Enum(['price', 'ghg']),
      unit: Type.Enum(['currency/kWh', 'g/kWh']),
      currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
    }),
    intervals: Type.Array(Interval, { minItems: 1 }),
  }),
})

export interface PriceEvent {
  readonly eventId: string
  readonly modification: number
  readonly cancelled: boolean
}

export interface PriceMessage extends PriceDocument {
  /** `null` for the simple form, which has no versions. */
  readonly event: PriceEvent | null
}

const ajv = new Ajv({ allErrors: false, strict: true, allowUnionTypes: true })
const checks = {
  simple: ajv.compile<Static<typeof Simple>>(Simple),
  event: ajv.compile<Static<typeof Event>>(Event),
}

const WITH_OFFSET = /T.*(?:Z|[+-]\d{2}:?\d{2})$/i
const DURATION =
  /^P(?=\d|T\d)(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?)$/

/** Milliseconds of an ISO 8601 duration; days are 24 hours, months and years are refused. */
export const durationMs = (text: string): number | null => {
  const match = DURATION.exec(text)
  if (!match) return null
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0))
  return ((weeks * 7 + days) * 86_400 + hours * 3600 + minutes * 60 + seconds) * 1000
}

const instant = (text: string, where: string): number => {
  const ms = WITH_OFFSET.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(ms)
    ? refuse(`${where}: "${text}" must be a time with offset, like 2026-03-29T01:00:00Z`)
    : ms
}

const rawIntervals = (
  intervals: Static<typeof Simple>['intervals'],
  startMs: number | null,
): RawInterval[] => {
  let followsMs = startMs
  return intervals.map(({ start, end, duration, value }, i) => {
    const where = `intervals/${i}`
    const begin = start === undefined ? followsMs : instant(start, `${where}/start`)
    if (begin === null) return refuse(`${where}: "start" is missing`)
    const length = duration === undefined ? null : durationMs(duration)
    if (duration !== undefined && length === null) {
      refuse(`${where}/duration: "${duration}" is no duration; write PT15M or PT1H`)
    }
    const endMs =
      end === undefined ? (length === null ? null : begin + length) : instant(end, where)
    followsMs = endMs
    return { startMs: begin, endMs, value, where }
  })
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    return refuse(`is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const problem = (check: (typeof checks)['simple' | 'event']): string => {
  const [error] = check.errors ?? []
  return `${error?.instancePath.slice(1) ?? ''} ${error?.message ?? 'is invalid'}`.trim()
}

const isEvent = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'data' in value

/**
 * Reads prices from JSON: a grid event of kind `price` or `ghg`, or the simple form
 * `{currency, unit, kind, intervals: [{start, end | duration, value}]}`. Keys that are not known
 * are ignored. Times carry an offset; an interval without `start` follows the one before.
 *
 * @param unit of the simple form when it names none
 * @throws AppError `payload-invalid` with the path
 */
export const readPriceJson = (text: string, unit: string): PriceMessage => {
  const value = parse(text)
  if (isEvent(value)) {
    if (!checks.event(value)) return refuse(problem(checks.event))
    const { eventId, modification, status, start, signal, intervals } = value.data
    const raw = rawIntervals(intervals, instant(start, 'data/start'))
    return {
      kind: signal.kind === 'ghg' ? 'carbon' : null,
      currency: signal.currency ?? null,
      segments: toSegments(raw, 1),
      event: { eventId, modification, cancelled: status === 'cancelled' },
    }
  }
  if (!checks.simple(value)) return refuse(problem(checks.simple))
  const named = value.unit ?? unit
  const factor = unitFactor(named)
  if (factor === null) return refuse(`unit "${named}" is unknown; there are ${UNIT_NAMES}`)
  return {
    kind: value.kind ?? (value.unit?.toLowerCase() === 'g/kwh' ? 'carbon' : null),
    currency: value.currency ?? null,
    segments: toSegments(rawIntervals(value.intervals, null), factor),
    event: null,
  }
}
