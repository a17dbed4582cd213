import { Type, type TSchema } from 'typebox'
import { CONDITION } from '../resources/condition.ts'
import { EVENT } from '../resources/event.ts'
import { EVSE_STATE, GRANT_CHANGE } from '../resources/evse.ts'
import { PRICE_KINDS } from '../resources/plan.ts'
import { READING } from '../resources/reading.ts'
import { AUDIT } from '../resources/record.ts'
import { SESSION, TRANSACTION } from '../resources/session.ts'
import { SNAPSHOT } from '../resources/snapshot.ts'
import { STATION } from '../resources/station.ts'
import { choice, integer, named, nullable, object, text, time } from '../shapes.ts'
import type { StreamKind } from './present.ts'

export const RESET_REASONS = ['restart', 'too-old', 'unknown-id', 'slow'] as const
export type ResetReason = (typeof RESET_REASONS)[number]

const change = (event: StreamKind, data: TSchema) =>
  object({
    event: Type.Literal(event),
    data: object({ id: text('as the resource has it'), at: time(), data }),
  })

/** Every message of a stream: its event and its data. */
export const STREAM_MESSAGE = Type.Union(
  [
    object({ event: Type.Literal('snapshot'), data: SNAPSHOT }),
    change('site', object({ failsafe: nullable(text('why; null = normal again')) })),
    change('station', nullable(STATION)),
    change('evse', EVSE_STATE),
    change('session', SESSION),
    change('transaction', TRANSACTION),
    change('event', EVENT),
    change('grant', GRANT_CHANGE),
    change('plan', object({ id: text('of a new plan') })),
    change(
      'price',
      object({ kind: choice(PRICE_KINDS), segments: integer('how many the source gave') }),
    ),
    change('reading', READING),
    change('audit', AUDIT),
    change('condition', nullable(CONDITION)),
    object({
      event: Type.Literal('reset'),
      data: named('Reset', 'Something was missed: read the resources anew', {
        reason: choice(RESET_REASONS),
      }),
    }),
  ],
  { title: 'StreamMessage', description: 'A message of the stream: its event and its data' },
)
