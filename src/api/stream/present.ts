import type { EventView } from '../../control/events/record.ts'
import type { ActiveCondition } from '../../domain/condition.ts'
import type { EvseState } from '../../domain/evse-state.ts'
import type { Reading } from '../../domain/reading.ts'
import type { Grant } from '../../domain/reason.ts'
import type { Session, Transaction } from '../../domain/session.ts'
import type { Change } from '../../ports/fabric.ts'
import type { Row } from '../../ports/tables.ts'
import type { ApiDeps } from '../deps.ts'
import { presentCondition } from '../resources/condition.ts'
import { presentEvent } from '../resources/event.ts'
import { presentEvseState, presentGrantChange } from '../resources/evse.ts'
import { presentReading } from '../resources/reading.ts'
import { presentAudit } from '../resources/record.ts'
import { presentSession, presentTransaction } from '../resources/session.ts'
import { presentStation } from '../resources/station.ts'
import { iso } from '../time.ts'
import type { Words } from '../words.ts'

/** What a stream can carry: the kinds of change, and a picture of the site every other second. */
export const STREAM_KINDS = [
  'snapshot',
  'site',
  'station',
  'evse',
  'session',
  'transaction',
  'event',
  'grant',
  'plan',
  'price',
  'reading',
  'audit',
  'condition',
] as const

export type StreamKind = (typeof STREAM_KINDS)[number]

export interface StreamMessage {
  readonly id: string
  readonly at: string
  /** As the resource of this kind in the API; `null` = gone. */
  readonly data: unknown
}

/**
 * A change as the API shows it. The data of a change is what its publisher holds: each kind has one
 * publisher and one shape.
 */
export const createPresenter =
  ({ csms }: Pick<ApiDeps, 'csms'>, words: Words) =>
  (change: Change): StreamMessage => {
    const { kind, id, atMs } = change
    return { id, at: iso(atMs), data: dataOf(kind, change, csms, words) }
  }

const dataOf = (
  kind: StreamKind,
  { id, data }: Change,
  csms: ApiDeps['csms'],
  words: Words,
): unknown => {
  switch (kind) {
    case 'station':
      // Several services speak of a station, each of its own part: show it whole.
      return csms.stations.find(id) ? presentStation(csms.stations.get(id)) : null
    case 'evse':
      return presentEvseState(data as EvseState)
    case 'session':
      return presentSession(data as Session)
    case 'transaction':
      return presentTransaction(data as Transaction)
    case 'event':
      return presentEvent(data as EventView)
    case 'grant':
      return presentGrantChange(data as Grant, words)
    case 'reading':
      return presentReading(data as Reading)
    case 'audit':
      return presentAudit(data as Row<'audit'>)
    case 'condition':
      return data === null ? null : presentCondition(data as ActiveCondition)
    case 'site':
    case 'plan':
    case 'price':
    case 'snapshot':
      return data
  }
}
