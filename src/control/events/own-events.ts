import type { GridEvent } from '../../domain/signal.ts'
import type { Random } from '../../ports/random.ts'

/** Authority of the events that are made here, by the API or the command line. */
export const API = 'api'

/** What a person says about an event; the rest follows. */
export interface NewEvent {
  /** Chosen here when absent. */
  readonly eventId?: string
  readonly signal: GridEvent['signal']
  readonly intervals: GridEvent['intervals']
  readonly targets?: readonly string[]
  readonly eventClass?: GridEvent['eventClass']
  readonly priority?: number
  readonly optOut?: boolean
  readonly programId?: string | null
  readonly randomize?: GridEvent['randomize']
  readonly ramp?: GridEvent['ramp']
  readonly recovery?: GridEvent['recovery']
}

export const newEventId = (nowMs: number, random: Random): string => {
  const tail = Math.floor(random.next() * 36 ** 4).toString(36)
  return `e-${nowMs.toString(36)}-${tail.padStart(4, '0')}`
}

export const issueOf = (
  input: NewEvent,
  eventId: string,
  modification: number,
  nowMs: number,
): GridEvent => ({
  authority: API,
  eventId,
  modification,
  status: 'issued',
  cancelAtMs: null,
  eventClass: input.eventClass ?? 'contract',
  priority: input.priority ?? 100,
  optOut: input.optOut ?? false,
  programId: input.programId ?? null,
  targets: input.targets ?? [],
  issuedAtMs: nowMs,
  notAfterMs: input.intervals.at(-1)?.endMs ?? nowMs,
  ackByMs: null,
  signal: input.signal,
  intervals: input.intervals,
  randomize: input.randomize ?? null,
  ramp: input.ramp ?? null,
  recovery: input.recovery ?? null,
  test: input.eventClass === 'test',
})
