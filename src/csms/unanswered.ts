import { climb, dueAction, isAtEnd, startLadder, type Ladder, type Rung } from '../engine/ladder.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Stations } from './stations.ts'

export interface UnansweredDeps {
  readonly clock: Clock
  readonly log: Log
  readonly stations: Stations
}

/** A station that leaves our CALLs unanswered while its own messages go on. */
interface Unanswered {
  ladder: Ladder
  /** Connection on which the time-outs were counted. */
  generation: number
  timeouts: number
}

/** What stations that hang are cured by, and how long they are then left alone. */
const CURES: readonly Rung<'reconnect' | 'reset'>[] = [
  { action: 'reconnect', afterMs: 0 },
  { action: 'reset', afterMs: 0 },
  { action: 'reconnect', afterMs: 10 * 60_000 },
  { action: 'reconnect', afterMs: 30 * 60_000 },
  { action: 'reconnect', afterMs: 60 * 60_000 },
]

/** Time-outs in a row, on one connection, that are no accident. */
const TIMEOUTS = 2

export type UnansweredCalls = ReturnType<typeof createUnanswered>

/**
 * The receiving half of some stations hangs after hours: they go on reporting, but answer no CALL
 * until they have a new connection, or are restarted. After two time-outs in a row the connection is
 * closed, after two more on the next one the station is reset once; then it is left alone with
 * growing waits, and a person is told. Any answer ends it.
 */
export const createUnanswered = ({ clock, log, stations }: UnansweredDeps) => {
  const open = new Map<string, Unanswered>()
  let reset: (stationId: string) => void = () => {}
  let report: (stationId: string, isHanging: boolean) => void = () => {}

  const act = (stationId: string, unanswered: Unanswered): void => {
    const nowMs = clock.now()
    const action = dueAction(CURES, unanswered.ladder, nowMs)
    if (action === null) return
    unanswered.ladder = climb(CURES, unanswered.ladder, nowMs)
    unanswered.timeouts = 0
    const { sinceMs } = unanswered.ladder
    const silentS = Math.round((nowMs - sinceMs) / 1_000)
    const isLast = isAtEnd(CURES, unanswered.ladder)
    log.warn({ stationId, silentS, action, isLast }, 'a station answers no command')
    report(stationId, true)
    if (action === 'reset') reset(stationId)
    // 1011: the other side cannot fulfil what the line is for (RFC 6455, 7.4.1).
    else stations.find(stationId)?.connection?.close(1011, 'commands are not answered')
  }

  const show = (stationId: string, sinceMs: number | null): void => {
    for (const { state } of stations.find(stationId)?.evses.values() ?? []) {
      state.unansweredSinceMs = sinceMs
    }
  }

  return {
    /** Hands over how a station is asked to restart when it is idle, and who is told of it. */
    use: (
      resetWhenIdle: (stationId: string) => void,
      tell: (stationId: string, isHanging: boolean) => void,
    ): void => {
      reset = resetWhenIdle
      report = tell
    },

    /** It answered a CALL, whatever it said. */
    answered: (stationId: string): void => {
      if (!open.delete(stationId)) return
      show(stationId, null)
      report(stationId, false)
      log.info({ stationId }, 'a station answers commands again')
    },

    /** A CALL that was sent on a connection of this generation was not answered in time. */
    timedOut: (stationId: string, generation: number): void => {
      // The line ended before the answer could come: that says nothing of the station.
      if (stations.find(stationId)?.connection?.generation !== generation) return
      const unanswered = open.get(stationId) ?? {
        ladder: startLadder(CURES, clock.now()),
        generation,
        timeouts: 0,
      }
      open.set(stationId, unanswered)
      show(stationId, unanswered.ladder.sinceMs)
      if (unanswered.generation !== generation) unanswered.timeouts = 0
      unanswered.generation = generation
      unanswered.timeouts++
      if (unanswered.timeouts >= TIMEOUTS) act(stationId, unanswered)
    },

    /** Where each station stands that answers no command. */
    list: (): { stationId: string; ladder: Ladder; isAtEnd: boolean }[] =>
      Array.from(open, ([stationId, { ladder }]) => ({
        stationId,
        ladder,
        isAtEnd: isAtEnd(CURES, ladder),
      })),
  }
}
