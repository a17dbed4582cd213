import { crc32 } from 'node:zlib'
import type { Storage } from '../ports/storage.ts'
import { correctTime } from './clock-watch.ts'
import type { StationRecord } from './live.ts'
import type { MeterSet } from './sampled-value.ts'
import type { TransactionEvent } from './transaction-events.ts'

/**
 * What one transaction was told, by content: a number alone proves no repeat, because stations begin
 * to count again in the middle of a transaction (field problem 27).
 */
export interface Heard {
  /** Digests of the latest events, oldest first. */
  readonly digests: Set<string>
  /** The latest event by the station's clock; `null` = none since we started. */
  newestMs: number | null
  /** Nothing that was heard before is missing from `digests`. */
  isComplete: boolean
}

/** Events of one transaction that are remembered, some 10 kB. Older ones are found in the storage. */
const MAX_DIGESTS = 256
/** The distance to a station's clock is measured anew with each message, to within this. */
const CLOCK_PACE_MS = 3_000

/** `isComplete`: the transaction is new, so that nothing was heard before. */
export const newHeard = (isComplete: boolean): Heard => ({
  digests: new Set(),
  newestMs: null,
  isComplete,
})

/**
 * The content of an event. `offline` is no part of it: the same event says `false` when it is sent and
 * `true` when it is sent again after an outage.
 */
export const digestOf = (event: TransactionEvent): string =>
  `${event.seqNo}:${crc32(JSON.stringify({ ...event, offline: false })).toString(36)}`

export const remember = (heard: Heard, digest: string, statedMs: number): void => {
  heard.digests.add(digest)
  heard.newestMs = Math.max(heard.newestMs ?? statedMs, statedMs)
  if (heard.digests.size <= MAX_DIGESTS) return
  heard.isComplete = false
  for (const oldest of heard.digests) {
    heard.digests.delete(oldest)
    return
  }
}

/** It could not be stored: its repeat must count. */
export const forget = (heard: Heard, digest: string): void => {
  heard.digests.delete(digest)
}

/**
 * Whether an event whose number arrived before can be told to be new or a repeat from memory;
 * `null`: only the storage knows.
 */
export const isRepeatByMemory = (
  heard: Heard,
  digest: string,
  { statedMs }: TransactionEvent,
): boolean | null => {
  if (heard.digests.has(digest)) return true
  // Nothing was heard of that time yet: the station has begun to count again.
  if (heard.isComplete || (heard.newestMs !== null && statedMs > heard.newestMs)) return false
  return null
}

/**
 * Whether the samples of a message are stored already. An event without samples is applied again
 * without harm, so it counts as new. The sets must have their times. One indexed query per set, only for numbers that arrived before
 * and are no longer remembered.
 */
export const isStored = async (
  storage: Pick<Storage, 'query'>,
  { stationId, clock }: StationRecord,
  { transactionId, sets }: Pick<TransactionEvent, 'transactionId' | 'sets'>,
  nowMs: number,
): Promise<boolean> => {
  for (const set of sets) {
    const atMs = correctTime({ ...clock }, set.statedMs, nowMs)
    const rows = await storage.query('sample', {
      where: { stationId, transactionId, context: set.context },
      between: {
        column: 'measuredAtMs',
        from: atMs - CLOCK_PACE_MS,
        to: atMs + CLOCK_PACE_MS,
      },
    })
    if (!rows.some(({ values }) => isSame(values, set))) return false
  }
  return sets.length > 0
}

const isSame = (stored: unknown, { values }: MeterSet): boolean =>
  JSON.stringify(stored) === JSON.stringify(values)
