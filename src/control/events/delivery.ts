import type { GridView } from '../../engine/timeline/grid-view.ts'
import { referenceOf, type FleetPower } from './decide.ts'
import { eventKey, isFinal, type EventRecord } from './record.ts'
import { STEERING_KINDS } from './soundness.ts'

/** How often an authority is told what an event delivers. */
const TELL_EVERY_MS = 60_000
/** A step that comes late says nothing about the time before it. */
const LONGEST_STEP_MS = 10_000

interface Mean {
  wattMs: number
  ms: number
  seenMs: number
  toldMs: number
}

/** What running events deliver, by the meters. */
export interface Delivery {
  /** Once a second, with all records; `tell` gets the mean so far, each minute and when one ends. */
  step(
    nowMs: number,
    records: Iterable<EventRecord>,
    tell: (record: EventRecord, powerW: number) => void,
  ): void
}

/**
 * Mean power on the scope and targets of each event since it started (or since this process did); of
 * a reduction, how much less than at its start. While it is not known, time does not count.
 */
export const createDelivery = (view: GridView, fleet: FleetPower): Delivery => {
  const means = new Map<string, Mean>()

  const meanOf = ({ event, memory }: EventRecord, { wattMs, ms }: Mean): number => {
    const powerW = wattMs / ms
    return event.signal.kind === 'reduce-by' ? (memory.referenceW ?? powerW) - powerW : powerW
  }

  const observe = (record: EventRecord, mean: Mean, nowMs: number): void => {
    const stepMs = Math.min(LONGEST_STEP_MS, nowMs - mean.seenMs)
    mean.seenMs = nowMs
    const powerW = referenceOf(record.event, view, fleet)
    if (powerW === null || stepMs <= 0) return
    mean.wattMs += powerW * stepMs
    mean.ms += stepMs
  }

  return {
    step(nowMs, records, tell) {
      for (const record of records) {
        const { event, memory } = record
        // Nearly all are tombstones.
        if (isFinal(record) && means.size === 0) continue
        const key = eventKey(event.authority, event.eventId)
        let mean = means.get(key)
        if (isFinal(record)) {
          if (mean !== undefined && mean.ms > 0) tell(record, meanOf(record, mean))
          means.delete(key)
          continue
        }
        if (memory.startedAtMs === null || !STEERING_KINDS.includes(event.signal.kind)) continue
        if (mean === undefined) {
          mean = { wattMs: 0, ms: 0, seenMs: nowMs, toldMs: nowMs }
          means.set(key, mean)
          continue
        }
        observe(record, mean, nowMs)
        if (mean.ms === 0 || nowMs - mean.toldMs < TELL_EVERY_MS) continue
        mean.toldMs = nowMs
        tell(record, meanOf(record, mean))
      }
    },
  }
}
