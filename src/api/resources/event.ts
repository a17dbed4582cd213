import { Type, type Static } from 'typebox'
import type { EventView } from '../../control/events/record.ts'
import { OPEN_END_MS } from '../../domain/signal.ts'
import type {
  EventClass,
  EventCode,
  EventState,
  EventTransition,
  SignalKind,
  SignalScope,
  SignalUnit,
} from '../../domain/signal.ts'
import { choice, flag, integer, named, nullable, number, text, time } from '../shapes.ts'
import { iso, isoOrNull } from '../time.ts'

export const SIGNAL_KINDS = [
  'import-limit',
  'export-limit',
  'setpoint',
  'reduce-by',
  'level',
  'price',
  'export-price',
  'carbon',
  'soc-target',
  'no-charge',
  'alert',
] as const satisfies readonly SignalKind[]

export const SIGNAL_UNITS = [
  'W',
  'A',
  'fraction',
  'level',
  'currency/kWh',
  'g/kWh',
] as const satisfies readonly SignalUnit[]

export const SIGNAL_SCOPES = [
  'connection',
  'controllable',
  'evse',
  'phase',
] as const satisfies readonly SignalScope[]

export const EVENT_CLASSES = [
  'emergency',
  'mandatory',
  'contract',
  'economic',
  'test',
] as const satisfies readonly EventClass[]

export const EVENT_STATES = [
  'received',
  'accepted',
  'partial',
  'opted-out',
  'rejected',
  'started',
  'completed',
  'aborted',
  'superseded',
  'cancelled',
  'expired',
] as const satisfies readonly EventState[]

const EVENT_CODES = [
  'schema',
  'unauthorized',
  'unknownTarget',
  'stale',
  'expired',
  'unsupported',
  'infeasible',
  'conflict',
  'commsLost',
  'userOverride',
  'safety',
  'noCapacity',
] as const satisfies readonly EventCode[]

const SIGNAL = named('Signal', 'What the grid says', {
  kind: choice(SIGNAL_KINDS),
  unit: choice(SIGNAL_UNITS, 'of every value; fraction: 0 to 1 of the rating'),
  scope: choice(
    SIGNAL_SCOPES,
    'connection: all that flows; controllable: what is steered; evse: each EVSE; phase: each phase',
  ),
  currency: nullable(text('ISO 4217, for prices')),
})

const COMMITMENT = named('Commitment', 'What is promised for an interval', {
  intervalId: integer(),
  powerW: number(),
})

const EVENT_PROPERTIES = {
  id: text('authority/eventId'),
  authority: text('who issued it; api = made here'),
  eventId: text(),
  modification: integer('version, from 0'),
  state: choice(EVENT_STATES),
  since: time('of the state'),
  code: nullable(choice(EVENT_CODES)),
  reason: nullable(text()),
  committed: nullable(Type.Array(COMMITMENT)),
  start: time('when it acts, random delays included'),
  end: time('9999-12-31 when it is open-ended'),
  openEnded: flag('it holds until it is cancelled'),
  eventClass: choice(EVENT_CLASSES),
  priority: integer('0 is the highest'),
  optOut: flag('its authority offers to opt out'),
  programId: nullable(text()),
  targets: Type.Array(text('node, station or EVSE key'), {
    description: 'empty = the whole site',
  }),
  issuedAt: time(),
  cancelAt: nullable(time()),
  signal: SIGNAL,
  intervals: Type.Array(
    named('EventInterval', 'A value for a time', {
      id: integer(),
      start: time(),
      end: time(),
      value: nullable(number('0 is zero; null = nothing said')),
    }),
  ),
  randomize: nullable(
    named('Randomize', 'Random shift of start and end', {
      startS: number(),
      endS: number(),
      direction: choice(['late', 'either']),
    }),
  ),
  ramp: nullable(
    named('Ramp', 'How fast the power changes', {
      downWPerMin: nullable(number()),
      upWPerMin: nullable(number()),
    }),
  ),
  recovery: nullable(
    named('Recovery', 'How the power comes back afterwards', {
      holdS: number(),
      maxW: nullable(number()),
      staggerS: number(),
    }),
  ),
  delayedBy: nullable(choice(['event', 'policy'], 'whose random delay was drawn')),
  test: flag('changes nothing'),
}

export const EVENT = named('Event', 'A versioned set of signals from one authority', {
  ...EVENT_PROPERTIES,
})

const TRANSITION = named(
  'EventTransition',
  "A step of an event's life, as its authority was told",
  {
    modification: integer(),
    state: choice(EVENT_STATES),
    at: time(),
    code: nullable(choice(EVENT_CODES)),
    reason: nullable(text()),
    committed: nullable(Type.Array(COMMITMENT)),
  },
)

export const EVENT_DETAIL = named('EventDetail', 'An event with its history, oldest step first', {
  ...EVENT_PROPERTIES,
  history: Type.Array(TRANSITION),
})

type Event = Static<typeof EVENT>

const presentCommitted = (committed: EventTransition['committed']): Event['committed'] =>
  committed && committed.map(({ intervalId, powerW }) => ({ intervalId, powerW }))

export const presentEvent = (view: EventView): Event => {
  const { event } = view
  const { signal, randomize, recovery, ramp } = event
  return {
    id: view.id,
    authority: event.authority,
    eventId: event.eventId,
    modification: event.modification,
    state: view.state,
    since: iso(view.sinceMs),
    code: view.code,
    reason: view.reason,
    committed: presentCommitted(view.committed),
    start: iso(view.startMs),
    end: iso(view.endMs),
    openEnded: view.endMs >= OPEN_END_MS,
    eventClass: event.eventClass,
    priority: event.priority,
    optOut: event.optOut,
    programId: event.programId,
    targets: [...event.targets],
    issuedAt: iso(event.issuedAtMs),
    cancelAt: isoOrNull(event.cancelAtMs),
    signal: {
      kind: signal.kind,
      unit: signal.unit,
      scope: signal.scope,
      currency: signal.currency,
    },
    intervals: event.intervals.map(({ id, startMs, endMs, value }) => ({
      id,
      start: iso(startMs),
      end: iso(endMs),
      value,
    })),
    randomize: randomize && {
      startS: randomize.startMs / 1_000,
      endS: randomize.endMs / 1_000,
      direction: randomize.direction,
    },
    ramp: ramp && { downWPerMin: ramp.downWPerMin, upWPerMin: ramp.upWPerMin },
    recovery: recovery && {
      holdS: recovery.holdMs / 1_000,
      maxW: recovery.maxW,
      staggerS: recovery.staggerMs / 1_000,
    },
    delayedBy: view.delayedBy,
    test: event.test,
  }
}

export const presentTransition = (transition: EventTransition): Static<typeof TRANSITION> => ({
  modification: transition.modification,
  state: transition.state,
  at: iso(transition.atMs),
  code: transition.code,
  reason: transition.reason,
  committed: presentCommitted(transition.committed),
})
