import { total, type PerPhase } from '../../src/domain/phases.ts'
import { buildTimeline, type Timeline } from '../../src/engine/timeline.ts'
import { createGridView, inSet, type TargetSet } from '../../src/engine/timeline/grid-view.ts'
import type { TimelineEvent } from '../../src/engine/timeline/played.ts'
import type { NodeLimits, Segment } from '../../src/engine/timeline/segment.ts'
import type { FakeStation } from './fake-station.ts'
import type { World } from './world.ts'

/**
 * From when on a station that can be told something again is held: a request that got lost takes
 * 11.5 s to be known as that, the next try comes 10 s later, the answer up to 1.5 s after it.
 */
const STATION_AFTER_S = 25
/** Nobody has less than there is room for, for so long. */
const SERVED_AFTER_S = 60
const HOUR_MS = 3_600_000

/** One limit of this instant, on what some stations draw together. */
interface Limit {
  readonly id: string
  readonly most: number
  readonly stations: readonly FakeStation[]
  /** What counts of currents: watts, or amperes of a line. */
  readonly measure: (currentA: PerPhase) => number
  readonly withBuilding: boolean
}

export interface Excess {
  readonly limit: string
  readonly most: number
  readonly allowed: number
}

/**
 * What events promise, second by second, from the timeline alone. A limit holds for what the
 * building draws and all stations with a vehicle could draw; the only excuse is that every station
 * which can be told something is at 0 already.
 *
 * @param afterS from when on a limit holds that began or tightened, and a building that grew counts
 */
export const createEventLimits = (world: World, afterS: number) => {
  const { site, stations, clock, buildingA } = world
  const view = createGridView(site, [1, 0.7, 0.4, 0])
  const { voltageV } = site.supply
  const watts = (currentA: PerPhase): number => voltageV * total(currentA)
  const rootId = site.nodes[0].id
  let built: { events: readonly TimelineEvent[]; timeline: Timeline } | null = null
  /** The last seconds, newest first. */
  const before: ReadonlyMap<string, number>[] = []
  const buildings: PerPhase[] = []
  let freeS = 0
  const unservedS = stations.map(() => 0)
  const seen = stations.map(() => ({ can: false, canS: 0, session: '', sessionS: 0 }))

  const segmentOf = (events: readonly TimelineEvent[]): Segment => {
    const nowMs = clock.now()
    if (built?.events !== events || nowMs >= built.timeline.toMs) {
      built = { events, timeline: buildTimeline(events, view, nowMs, nowMs + HOUR_MS) }
    }
    return built.timeline.at(nowMs)
  }

  const below = (nodeId: string): FakeStation[] =>
    stations.filter(({ evse }) => nodeId === rootId || evse.nodeId === nodeId)

  const nodeLimits = ({ nodeId, importW, importA }: NodeLimits): Limit[] => {
    const of = { stations: below(nodeId), withBuilding: nodeId === rootId }
    const ofLine = (line: 0 | 1 | 2): Limit[] => {
      const bound = importA[line]
      const id = `${nodeId} line ${line} A`
      return bound ? [{ ...of, id, most: bound.value, measure: (amps) => amps[line] }] : []
    }
    const ofPower = importW
      ? [{ ...of, id: `${nodeId} W`, most: importW.value, measure: watts }]
      : []
    return [...ofPower, ...ofLine(0), ...ofLine(1), ...ofLine(2)]
  }

  const setLimit = (id: string, set: TargetSet, most: number): Limit => ({
    id: `${id} ${set.id}`,
    most,
    stations: stations.filter(({ evse }) => inSet(set, evse.key)),
    measure: watts,
    withBuilding: false,
  })

  const limitsOf = (segment: Segment): Limit[] => {
    const groups = [segment.controllable, ...segment.groups].flatMap(({ set, importW }) =>
      importW ? [setLimit('set', set, importW.value)] : [],
    )
    const rules = segment.evseRules.flatMap(({ set, unit, value }) =>
      stations
        .filter(({ evse }) => inSet(set, evse.key))
        .map((station): Limit => ({
          id: `${station.evse.key} of ${set.id} ${unit}`,
          most: unit === 'fraction' ? value * view.evseRatingW(station.evse) : value,
          stations: [station],
          measure: unit === 'A' ? (amps) => Math.max(...amps) : watts,
          withBuilding: false,
        })),
    )
    const targets = segment.targets.map(({ scope, set, powerW }): Limit => {
      if (scope === 'controllable') return setLimit('target', set, powerW)
      const nodeId = set.nodeId ?? rootId
      const withBuilding = nodeId === rootId
      const id = `target ${nodeId} W`
      return { id, most: powerW, stations: below(nodeId), measure: watts, withBuilding }
    })
    return [
      ...[segment.connection, ...segment.nodes].flatMap(nodeLimits),
      ...groups,
      ...rules,
      ...targets,
    ]
  }

  const lookAtStations = (): void => {
    stations.forEach((station, k) => {
      const is = seen[k]
      const can = station.online && station.answer === 'accept'
      const session = station.transactionId ?? ''
      is.canS = can === is.can ? is.canS + 1 : 0
      is.sessionS = session === is.session ? is.sessionS + 1 : 0
      is.can = can
      is.session = session
    })
  }

  /** A vehicle that has just come draws by the failsafe until its EVSE is told something. */
  const isNew = (station: FakeStation): boolean => seen[stations.indexOf(station)].sessionS < afterS

  const isHeld = (station: FakeStation): boolean => {
    const { can, canS } = seen[stations.indexOf(station)]
    return can && canS >= STATION_AFTER_S
  }

  /** As much as it can take, or its share of a line that is full. */
  const isServed = (station: FakeStation): boolean => {
    const amps = station.potentialA()
    if (station.transactionId === null || !station.online || amps >= station.carMaxA - 1)
      return true
    return amps >= station.evse.minA && world.room(station, 0.94) < 16
  }

  const excessOf = (limit: Limit): Excess[] => {
    const { id, stations: of, measure, withBuilding } = limit
    const most = Math.max(...before.map((limits) => limits.get(id) ?? Infinity))
    const counted = of.filter((station) => !isNew(station))
    const sum = (of: readonly FakeStation[]): number =>
      of.reduce((amount, station) => amount + measure(station.allowedA()), 0)
    const held = sum(counted.filter(isHeld))
    const building = withBuilding ? Math.min(...buildings.map(measure)) : 0
    const allowed = building + sum(counted)
    return held > 0 && allowed > most + 0.01 ? [{ limit: id, most, allowed }] : []
  }

  return {
    /** A second has passed under these events; empty: all is as it should be. */
    observe: (events: readonly TimelineEvent[]): Excess[] => {
      lookAtStations()
      const limits = limitsOf(segmentOf(events))
      before.unshift(new Map(limits.map(({ id, most }) => [id, most])))
      before.length = Math.min(before.length, afterS)
      freeS = limits.length === 0 ? freeS + 1 : 0
      buildings.unshift(buildingA())
      buildings.length = Math.min(buildings.length, afterS)
      return limits.flatMap(excessOf)
    },
    /** Stations that have had less than there is room for, for long, though nothing limits. */
    stuck: (): object[] =>
      stations.flatMap((station, k) => {
        const { reasons } = world.view().evses[k]
        // What the plan does may be due to a limit, which is then named first.
        const isPlanned = reasons.some(({ code }) => code === 'plan' || code === 'minimum-off-time')
        unservedS[k] = freeS === 0 || isServed(station) || isPlanned ? 0 : unservedS[k] + 1
        if (unservedS[k] < SERVED_AFTER_S) return []
        const { evse, carMaxA } = station
        const roomA = world.room(station, 0.94)
        return [{ key: evse.key, potentialA: station.potentialA(), carMaxA, roomA, reasons }]
      }),
  }
}
