import type { EventState, EventTransition } from '../../domain/signal.ts'

const WIRE_STATES: Record<EventState, string> = {
  received: 'received',
  accepted: 'accepted',
  partial: 'partial',
  'opted-out': 'optedOut',
  rejected: 'rejected',
  started: 'started',
  completed: 'completed',
  aborted: 'aborted',
  superseded: 'superseded',
  cancelled: 'cancelled',
  expired: 'expired',
}

const MAX_REASON = 512

/** CloudEvents 1.0 in structured mode. */
export const envelope = (
  head: { id: string; type: string; source: string; subject: string; correlationId?: string },
  atMs: number,
  data: unknown,
): string =>
  JSON.stringify({
    specversion: '1.0',
    id: head.id,
    type: head.type,
    source: head.source,
    subject: head.subject,
    time: new Date(atMs).toISOString(),
    ...(head.correlationId === undefined ? {} : { correlationid: head.correlationId }),
    data,
  })

/** `data` of an acknowledgement; `schemas/mqtt-ack.schema.json`. Watts become kilowatts. */
export const ackData = (transition: EventTransition): Record<string, unknown> => {
  const { eventId, modification, state, atMs, code, reason, committed } = transition
  return {
    eventId,
    modification,
    state: WIRE_STATES[state],
    at: new Date(atMs).toISOString(),
    ...(code === null ? {} : { code }),
    ...(reason === null ? {} : { reason: reason.slice(0, MAX_REASON) }),
    ...(committed === null
      ? {}
      : {
          committed: committed.map(({ intervalId, powerW }) => ({ intervalId, kw: kw(powerW) })),
        }),
  }
}

/** Kilowatts to the watt: no digits that are not there. */
export const kw = (powerW: number): number => Math.round(powerW) / 1_000
