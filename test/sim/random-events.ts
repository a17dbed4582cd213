import type { GridEvent, SignalInterval } from '../../src/domain/signal.ts'
import type { Site } from '../../src/domain/site.ts'
import type { TimelineEvent } from '../../src/engine/timeline/played.ts'
import type { Random } from '../../src/ports/random.ts'
import { gridEvent, played } from '../fixtures/grid-site.ts'

const SECOND = 1_000

type Say = Pick<GridEvent['signal'], 'kind' | 'scope' | 'unit'> & {
  /** Largest value that makes sense. */
  readonly most: number
}

/** How many watts or amperes are a lot depends on what the event is about. */
const SAYINGS: readonly Say[] = [
  { kind: 'import-limit', scope: 'controllable', unit: 'W', most: 60_000 },
  { kind: 'import-limit', scope: 'controllable', unit: 'fraction', most: 0.6 },
  { kind: 'import-limit', scope: 'connection', unit: 'W', most: 60_000 },
  { kind: 'import-limit', scope: 'connection', unit: 'A', most: 80 },
  { kind: 'import-limit', scope: 'phase', unit: 'A', most: 80 },
  { kind: 'import-limit', scope: 'phase', unit: 'W', most: 18_000 },
  { kind: 'import-limit', scope: 'evse', unit: 'A', most: 32 },
  { kind: 'import-limit', scope: 'evse', unit: 'W', most: 22_000 },
  { kind: 'import-limit', scope: 'evse', unit: 'fraction', most: 1 },
  { kind: 'no-charge', scope: 'controllable', unit: 'W', most: 1 },
  { kind: 'no-charge', scope: 'evse', unit: 'A', most: 1 },
  { kind: 'setpoint', scope: 'controllable', unit: 'W', most: 60_000 },
  { kind: 'setpoint', scope: 'connection', unit: 'W', most: 60_000 },
  { kind: 'level', scope: 'controllable', unit: 'level', most: 4 },
]

/**
 * Grid events of all kinds and scopes, on the whole site, its nodes, stations and single EVSEs. They
 * are announced at once or minutes before, overlap, get new versions and are cancelled.
 */
export const createRandomEvents = (site: Site, random: Random) => {
  let events: readonly TimelineEvent[] = []
  let count = 0

  const below = (most: number): number => Math.floor(random.next() * most)
  const oneOf = <T>(choices: readonly T[]): T => choices[below(choices.length)]
  const chance = (part: number): boolean => random.next() < part

  const targetsOf = (scope: Say['scope']): readonly string[] => {
    const nodeIds = site.nodes.map(({ id }) => id)
    if (chance(0.3)) return []
    if (scope === 'connection' || scope === 'phase' || chance(0.3)) return [oneOf(nodeIds)]
    const few = Array.from({ length: 1 + below(3) }, () => oneOf(site.evses))
    return few.map(({ key, stationId }) => (chance(0.5) ? key : stationId))
  }

  const valueOf = ({ unit, most }: Say): number | null => {
    if (chance(0.08)) return null
    if (chance(0.1)) return 0
    return unit === 'level' ? below(most) : most * random.next()
  }

  const intervalsOf = (say: Say, nowMs: number): SignalInterval[] => {
    let atMs = nowMs + (chance(0.4) ? 0 : below(240) * SECOND)
    return Array.from({ length: 1 + below(3) }, (_, id) => {
      const startMs = atMs + (id > 0 && chance(0.3) ? below(120) * SECOND : 0)
      atMs = startMs + (20 + below(300)) * SECOND
      return { id, startMs, endMs: atMs, value: valueOf(say) }
    })
  }

  const issue = (nowMs: number): TimelineEvent => {
    const say = oneOf(SAYINGS)
    const { kind, scope, unit } = say
    const isGentle = unit === 'W' && scope !== 'evse' && scope !== 'phase' && chance(0.2)
    const recovery = { holdMs: below(60) * SECOND, maxW: 20_000, staggerMs: below(90) * SECOND }
    return played(
      gridEvent(`e${++count}`, { kind, scope, unit }, intervalsOf(say, nowMs), {
        targets: targetsOf(scope),
        priority: below(3),
        issuedAtMs: nowMs,
        ramp: isGentle ? { downWPerMin: 60_000, upWPerMin: chance(0.5) ? 60_000 : null } : null,
        recovery: chance(0.15) ? recovery : null,
      }),
    )
  }

  /** A new version: other values, and perhaps other times, for what is left of it. */
  const revise = ({ event, ...more }: TimelineEvent, nowMs: number): TimelineEvent => {
    const say = SAYINGS.find(({ kind, scope, unit }) => {
      const { signal } = event
      return kind === signal.kind && scope === signal.scope && unit === signal.unit
    })!
    const intervals = chance(0.5)
      ? intervalsOf(say, nowMs)
      : event.intervals.map((interval) => ({ ...interval, value: valueOf(say) }))
    const modification = event.modification + 1
    return { ...more, event: { ...event, modification, issuedAtMs: nowMs, intervals } }
  }

  const change = (nowMs: number): void => {
    const isLive = ({ event, stopMs }: TimelineEvent): boolean =>
      stopMs === null && event.intervals.at(-1)!.endMs > nowMs
    const live = events.filter(isLive)
    if (live.length === 0 || (live.length < 4 && chance(0.5))) {
      // What ended long ago recovers no more.
      const recent = events.filter(({ event }) => event.intervals.at(-1)!.endMs > nowMs - 900_000)
      events = [...recent, issue(nowMs)]
      return
    }
    const chosen = oneOf(live)
    const next = chance(0.5) ? { ...chosen, stopMs: nowMs } : revise(chosen, nowMs)
    events = events.map((event) => (event === chosen ? next : event))
  }

  return {
    /** All that are known. */
    all: (): readonly TimelineEvent[] => events,
    /** One event comes, changes or is cancelled. */
    change,
    /** All that are not over are cancelled. */
    cancelAll: (nowMs: number): void => {
      events = events.map((event) => ({
        ...event,
        event: { ...event.event, recovery: null, ramp: null },
        stopMs: event.stopMs ?? nowMs,
      }))
    },
  }
}
