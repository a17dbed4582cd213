import type { GridEvent, SignalInterval } from '../../domain/signal.ts'
import { MAX_RECOVERY_MS } from './trajectory.ts'

/** An event as it plays out: the document, and what the lifecycle knows beyond it. */
export interface TimelineEvent {
  readonly event: GridEvent
  /** Random draws; positive = late. */
  readonly startShiftMs: number
  readonly endShiftMs: number
  /** Cut short here by a cancel, an opt-out or an abort; `null` = runs to its end. */
  readonly stopMs: number | null
  /** Power on the event's scope and targets when it started, watts; `null` = not known (yet). */
  readonly referenceW: number | null
}

/**
 * The intervals as they play out: the start draw moves every boundary but the last end, the end
 * draw moves that one (each is drawn once, so contiguous intervals stay contiguous), and a stop cuts
 * what is left. O(intervals).
 */
export const playedIntervals = ({
  event,
  startShiftMs,
  endShiftMs,
  stopMs,
}: TimelineEvent): SignalInterval[] => {
  const { intervals } = event
  const lastEndMs = Math.min(intervals.at(-1)!.endMs + endShiftMs, stopMs ?? Infinity)
  return intervals.flatMap((interval, i) => {
    const startMs = interval.startMs + startShiftMs
    const last = i === intervals.length - 1
    const endMs = last ? lastEndMs : Math.min(interval.endMs + startShiftMs, lastEndMs)
    return startMs < endMs ? [{ ...interval, startMs, endMs }] : []
  })
}

/** When it starts to act, draws included. */
export const playedStart = ({ event, startShiftMs }: TimelineEvent): number =>
  event.intervals[0].startMs + startShiftMs

/** When it stops to act, draws and stops included; recovery comes after. Never before the start. */
export const playedEnd = (played: TimelineEvent): number => {
  const { event, endShiftMs, stopMs } = played
  const endMs = Math.min(event.intervals.at(-1)!.endMs + endShiftMs, stopMs ?? Infinity)
  return Math.max(playedStart(played), endMs)
}

/** When nothing of it is left, recovery included (at the latest). */
export const recoveredAt = (played: TimelineEvent): number => {
  const { recovery, ramp } = played.event
  const rampMs = ramp?.upWPerMin ? MAX_RECOVERY_MS : 0
  return playedEnd(played) + Math.max(recovery?.holdMs ?? 0, recovery?.staggerMs ?? 0, rampMs)
}
