import { PHASES, perPhase, plus, times, type PerPhase, ZERO } from '../domain/phases.ts'
import type { Reason } from '../domain/reason.ts'
import type { Reading } from '../domain/reading.ts'
import type { LoadNode, Node, Site } from '../domain/site.ts'
import { lineCurrent, wattsPerAmp } from '../domain/wiring.ts'
import type { DrawHistory } from '../engine/draw-history.ts'
import type { Finding } from '../engine/meter-trust.ts'
import { createPeakHold, type PeakHold } from '../engine/peak-hold.ts'
import type { Topology } from '../engine/topology.ts'
import type { LatestReading, Readings } from '../ports/readings.ts'
import { createNodeMeter, type NodeBounds, type NodeMeter } from './node-meter.ts'

/** What a node carries, for the tick and for people. */
export interface NodeLoad {
  readonly nodeId: string
  /** Uncontrolled load that the caps are computed with: the largest of the last seconds. */
  uncontrolledA: PerPhase
  uncontrolledW: number
  /** By the node's own meter; `null` = none, stale or contradicted. */
  meteredA: PerPhase | null
  meteredW: number | null
  /** Meters here and below that cannot be used now, with what is assumed instead. */
  stale: Reason[]
}

/** A building does not feed in: a meter that says so by more than this is wired the wrong way. */
const REVERSED_A = 2
/** No connection carries so many times its limit. */
const IMPLAUSIBLE = 5
const POWER = 3
/** What a vehicle needs to begin, and a bit. */
const BEGIN_A = 7

/** What the loads below a node come to. */
interface Sum {
  amps: PerPhase
  watts: number
  /** Design load, what sources are known to deliver at most, and what they might, per row. */
  readonly design: number[]
  readonly sources: number[]
  readonly feedIn: number[]
}

/**
 * Keeps the uncontrolled load of every node. A node's own meter, less what the devices below drew at
 * the same instant, is the truth for that node (`node-meter.ts`). Without one, or while it is stale
 * or contradicts the devices, the loads below are added up, each by its meter or at its design load
 * (a source counts as nothing then): a stale meter is not zero.
 */
export const createNodeLoads = (
  site: Site,
  topology: Topology,
  readings: Readings,
  history: DrawHistory,
  holdMs: number,
) => {
  const indexOf = new Map(topology.nodeIds.map((id, index) => [id, index]))
  const nodes: NodeLoad[] = site.nodes.map((node) => ({
    nodeId: node.id,
    uncontrolledA: ZERO,
    uncontrolledW: 0,
    meteredA: null,
    meteredW: null,
    stale: [],
  }))
  const meters: (NodeMeter | null)[] = site.nodes.map((node, n) =>
    node.meterId === null ? null : createNodeMeter(history, n),
  )
  const holds: PeakHold[][] = site.nodes.map(() => [0, 1, 2, POWER].map(() => createPeakHold()))
  const loadNode = site.loads.map((load) => indexOf.get(load.nodeId)!)
  const sums: Sum[] = site.nodes.map(() => ({
    amps: ZERO,
    watts: 0,
    design: [0, 0, 0, 0],
    sources: [0, 0, 0, 0],
    feedIn: [0, 0, 0, 0],
  }))
  const { voltageV } = site.supply
  /** By how much the wall clock was set since the start: peaks are held for seconds that passed. */
  let setMs = 0

  const design = (load: LoadNode, reason: Reason | null): LoadNow => ({
    currentA: load.designA,
    powerW: powerOf(load.designA, voltageV),
    unusable: reason,
  })

  const loadNow = (load: LoadNode): LoadNow => {
    if (load.meterId === null) return design(load, null)
    const latest = readings.latest(load.meterId)
    if (!latest || latest.stale) return design(load, staleReason(load.meterId, latest))
    const { currentA, powerW } = latest.reading
    const amps = currentA ?? spread(load, powerW ?? 0, site)
    const isLoad = load.kind === 'building' || load.kind === 'other'
    const leastA = Math.min(...amps)
    if (isLoad && leastA < -REVERSED_A) {
      const { meterId } = load
      const figures = { meteredA: leastA, devicesA: 0 }
      return design(load, { code: 'meter-contradicted', meterId, cause: 'reversed', ...figures })
    }
    return { currentA: amps, powerW: powerW ?? powerOf(amps, voltageV), unusable: null }
  }

  /**
   * The most that a load can feed in now, per line: what its meter says and a bit, or its rating;
   * `null` = nobody said, and nothing of it is given to vehicles.
   */
  const deliverable = (load: LoadNode, now: LoadNow): PerPhase | null => {
    if (load.kind === 'building' || load.kind === 'other') return ZERO
    if (load.meterId !== null && now.unusable === null) {
      return perPhase((line) => Math.max(0, -now.currentA[line]) * 1.1 + REVERSED_A)
    }
    return load.exportA ?? null
  }

  const addUpLoads = (): void => {
    for (let n = 0; n < nodes.length; n++) {
      sums[n].amps = ZERO
      sums[n].watts = 0
      sums[n].design.fill(0)
      sums[n].sources.fill(0)
      sums[n].feedIn.fill(0)
      nodes[n].stale = []
    }
    site.loads.forEach((load, k) => {
      const now = loadNow(load)
      const sourceA = deliverable(load, now)
      for (let n = loadNode[k]; n >= 0; n = topology.parent[n]) {
        const sum = sums[n]
        sum.amps = plus(sum.amps, now.currentA)
        sum.watts += now.powerW
        for (let line = 0; line < 3; line++) {
          sum.design[line] += load.designA[line]
          sum.sources[line] += sourceA?.[line] ?? 0
          sum.feedIn[line] += sourceA?.[line] ?? Infinity
        }
        sum.design[POWER] += powerOf(load.designA, voltageV)
        sum.sources[POWER] += sourceA ? powerOf(sourceA, voltageV) : 0
        sum.feedIn[POWER] += sourceA ? powerOf(sourceA, voltageV) : Infinity
        if (now.unusable) nodes[n].stale.push(now.unusable)
      }
    })
  }

  const boundsOf = (n: number): NodeBounds => {
    const { limitA, limitW, margin } = site.nodes[n]
    const usable = 1 - margin
    const { design, sources, feedIn } = sums[n]
    const most = limitW ?? (limitA ? powerOf(limitA, voltageV) : Infinity)
    const limits = [...(limitA ?? [Infinity, Infinity, Infinity]), most]
    return {
      // Where no load is declared, whatever is measured is load.
      prior: design.map((amount) => (amount > 0 ? amount : Infinity)),
      // One vehicle must be able to begin, or nothing would ever be seen to move.
      design: design.map((amount, row) =>
        Math.max(
          0,
          Math.min(amount, limits[row] * usable - BEGIN_A * (row < POWER ? 1 : 3 * voltageV)),
        ),
      ),
      sources,
      // A source cannot deliver more than the node carries.
      feedIn: feedIn.map((amount, row) => Math.min(amount, limits[row])),
      implausible: limits.map((limit) => limit * IMPLAUSIBLE),
    }
  }

  const byOwnMeter = (n: number, nowMs: number): NodeMeter | null => {
    const meter = meters[n]
    const { meterId } = site.nodes[n]
    const load = nodes[n]
    load.meteredA = null
    load.meteredW = null
    if (meter === null || meterId === null) return null
    const latest = readings.latest(meterId)
    if (latest) {
      const { receivedAtMs, measuredAtMs } = latest.reading
      const times = { receivedAtMs: receivedAtMs - setMs, measuredAtMs: measuredAtMs - setMs }
      meter.read(times, rowsOf(latest.reading, voltageV))
    }
    meter.update(nowMs - setMs, boundsOf(n), holdMs)
    if (!latest || latest.stale) {
      load.stale.push(staleReason(meterId, latest))
      return null
    }
    const finding = meter.finding()
    if (finding) {
      load.stale.push(contradicted(meterId, finding, voltageV))
      return null
    }
    const { currentA, powerW } = latest.reading
    load.meteredA = currentA ?? null
    load.meteredW = powerW ?? (currentA ? powerOf(currentA, voltageV) : null)
    return meter
  }

  const update = (nowMs: number): readonly NodeLoad[] => {
    addUpLoads()
    for (let n = 0; n < nodes.length; n++) {
      const meter = byOwnMeter(n, nowMs)
      const load = nodes[n]
      const sum = sums[n]
      const ownW = meter?.estimate(POWER) ?? null
      const hold = (row: number, value: number): number =>
        holds[n][row].push(value, nowMs - setMs, holdMs)
      load.uncontrolledA = perPhase((line) => {
        const ownA = meter?.estimate(line) ?? (ownW === null ? null : ownW / (3 * voltageV))
        return ownA ?? hold(line, sum.amps[line])
      })
      load.uncontrolledW = ownW ?? hold(POWER, sum.watts)
    }
    return nodes
  }

  const clockSet = (stepMs: number): void => {
    setMs += stepMs
  }

  return { update, clockSet, nodes: nodes as readonly NodeLoad[] }
}

/** Its meter shows more than its limit. */
export const isOverloaded = ({ meteredA, meteredW }: NodeLoad, { limitA, limitW }: Node): boolean =>
  (limitA !== null && meteredA !== null && limitA.some((amps, line) => meteredA[line] > amps)) ||
  (limitW !== null && meteredW !== null && meteredW > limitW)

interface LoadNow {
  readonly currentA: PerPhase
  readonly powerW: number
  /** Why the meter of the load is not used; `null` = it is, or there is none. */
  readonly unusable: Reason | null
}

const staleReason = (meterId: string, latest: LatestReading | null): Reason => ({
  code: 'meter-stale',
  meterId,
  ageS: latest?.ageS ?? -1,
})

const contradicted = (meterId: string, finding: Finding, voltageV: number): Reason => {
  const { cause, row, metered, devices } = finding
  const perAmp = row === POWER ? 3 * voltageV : 1
  return {
    code: 'meter-contradicted',
    meterId,
    cause,
    meteredA: metered / perAmp,
    devicesA: devices / perAmp,
  }
}

/** Lines and watts of a reading; `null` = not measured. */
const rowsOf = ({ currentA, powerW }: Reading, voltageV: number): (number | null)[] => [
  ...PHASES.map((_, line) => currentA?.[line] ?? null),
  powerW ?? (currentA ? powerOf(currentA, voltageV) : null),
]

const powerOf = (currentA: PerPhase, voltageV: number): number =>
  (currentA[0] + currentA[1] + currentA[2]) * voltageV

/** Amperes per line of a load of which only the power is known, as it is wired. */
const spread = (load: LoadNode, powerW: number, site: Site): PerPhase =>
  times(lineCurrent(load.wiring, site.supply).re, powerW / wattsPerAmp(load.wiring, site.supply))
