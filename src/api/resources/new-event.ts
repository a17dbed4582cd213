import { Type, type Static } from 'typebox'
import type { NewEvent } from '../../control/events/own-events.ts'
import { MAX_INTERVALS, MAX_TARGETS } from '../../control/events/soundness.ts'
import { OPEN_END_MS } from '../../domain/signal.ts'
import { AppError } from '../../errors.ts'
import type { FieldError } from '../problem.ts'
import { choice, flag, named, nullable, number, object, optional, time } from '../shapes.ts'
import { parseTime } from '../time.ts'
import { EVENT_CLASSES, SIGNAL_KINDS, SIGNAL_SCOPES, SIGNAL_UNITS } from './event.ts'

const NAME = { pattern: '^[A-Za-z0-9_-]{1,128}$' }

const seconds = optional(Type.Number({ minimum: 0, maximum: 86_400, default: 0 }))

/** What a person or a program says about an event of its own; the rest follows. */
export const NEW_EVENT = named('NewEvent', 'An event to be made here', {
  eventId: optional(Type.String({ ...NAME, description: 'chosen by Busbar when absent' })),
  signal: object({
    kind: choice(SIGNAL_KINDS),
    unit: choice(SIGNAL_UNITS),
    scope: optional(choice(SIGNAL_SCOPES, 'controllable when absent')),
    currency: optional(Type.String({ pattern: '^[A-Z]{3}$' })),
  }),
  intervals: Type.Array(
    object({
      id: optional(
        Type.Integer({
          minimum: 0,
          maximum: Number.MAX_SAFE_INTEGER,
          description: 'position when absent',
        }),
      ),
      start: optional(time('absent: the end of the interval before, or now')),
      end: optional(
        nullable(
          time('either this or durationS; null, in the last interval: until it is cancelled'),
        ),
      ),
      durationS: optional(Type.Number({ exclusiveMinimum: 0, maximum: 34_560_000 })),
      value: nullable(number('0 is zero; null says nothing')),
    }),
    { minItems: 1, maxItems: MAX_INTERVALS },
  ),
  targets: optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
      maxItems: MAX_TARGETS,
      description: 'nodes, stations or EVSE keys; empty = the whole site',
    }),
  ),
  eventClass: optional(choice(EVENT_CLASSES, 'contract when absent')),
  priority: optional(Type.Integer({ minimum: 0, maximum: 255, description: '0 is the highest' })),
  optOut: optional(flag()),
  programId: optional(nullable(Type.String(NAME))),
  randomize: optional(
    nullable(
      object({ startS: seconds, endS: seconds, direction: optional(choice(['late', 'either'])) }),
    ),
  ),
  ramp: optional(
    nullable(
      object({
        downWPerMin: optional(nullable(Type.Number({ exclusiveMinimum: 0 }))),
        upWPerMin: optional(nullable(Type.Number({ exclusiveMinimum: 0 }))),
      }),
    ),
  ),
  recovery: optional(
    nullable(
      object({
        holdS: seconds,
        maxW: optional(nullable(Type.Number({ minimum: 0 }))),
        staggerS: seconds,
      }),
    ),
  ),
})

type Body = Static<typeof NEW_EVENT>
type Interval = Body['intervals'][number]

const fault = (index: number, key: keyof Interval, detail: string): AppError => {
  const errors: FieldError[] = [{ pointer: `/intervals/${index}/${key}`, detail }]
  return new AppError('payload-invalid', `/intervals/${index}/${key} ${detail}`, {
    details: { errors },
  })
}

/** Intervals follow one another unless they say when they start. */
const readIntervals = (intervals: readonly Interval[], nowMs: number): NewEvent['intervals'] => {
  let freeMs = nowMs
  return intervals.map((interval, index) => {
    const { id = index, start, end, durationS, value } = interval
    const startMs = start === undefined ? freeMs : parseTime(start)
    if (end === undefined && durationS === undefined) {
      throw fault(index, 'end', 'is missing; give end or durationS, or end: null for no end')
    }
    if (end === null && index < intervals.length - 1) {
      throw fault(index, 'end', 'must not be null: only the last interval may be without an end')
    }
    if (end !== undefined && durationS !== undefined) {
      throw fault(index, 'durationS', 'must not stand beside end; give one of them')
    }
    if (end === null) freeMs = OPEN_END_MS
    else freeMs = end === undefined ? startMs + (durationS ?? 0) * 1_000 : parseTime(end)
    return { id, startMs, endMs: freeMs, value }
  })
}

/** Throws `payload-invalid` for intervals without an end. */
export const readNewEvent = (body: Body, nowMs: number): NewEvent => {
  const { signal, intervals, randomize, ramp, recovery, ...rest } = body
  return {
    ...rest,
    signal: {
      kind: signal.kind,
      unit: signal.unit,
      scope: signal.scope ?? 'controllable',
      currency: signal.currency ?? null,
    },
    intervals: readIntervals(intervals, nowMs),
    randomize: randomize && {
      startMs: (randomize.startS ?? 0) * 1_000,
      endMs: (randomize.endS ?? 0) * 1_000,
      direction: randomize.direction ?? 'late',
    },
    ramp: ramp && { downWPerMin: ramp.downWPerMin ?? null, upWPerMin: ramp.upWPerMin ?? null },
    recovery: recovery && {
      holdMs: (recovery.holdS ?? 0) * 1_000,
      maxW: recovery.maxW ?? null,
      staggerMs: (recovery.staggerS ?? 0) * 1_000,
    },
  }
}

export const CANCEL = object({
  at: optional(time('when it ends; absent = now')),
})

export const OPT_OUT = object({
  code: choice(['userOverride', 'safety'], 'safety works for every event'),
  reason: Type.String({ minLength: 1, maxLength: 200, description: 'told to the authority' }),
})

export const EVENT_STATE_FILTER = choice(
  ['active', 'all'],
  'active (default): not over, earliest first; all: everything that is stored, latest first',
)

export const EVENT_PARAMS = object({
  authority: Type.String({ minLength: 1, maxLength: 128 }),
  eventId: Type.String({ minLength: 1, maxLength: 128 }),
})
