import { PHASES, perPhase, plus, times, type PerPhase, ZERO } from '../domain/phases.ts'
import type { Reason } from '../domain/reason.ts'
import type { LoadNode, Site } from '../domain/site.ts'
import { lineCurrent, wattsPerAmp } from '../domain/wiring.ts'
import type { Topology } from '../engine/topology.ts'
import {
  createPeakHold,
  residual,
  type PeakHold,
  type ResidualState,
} from '../engine/uncontrolled.ts'
import type { Readings } from '../ports/readings.ts'

/** What a node carries, for the tick and for people. */
export interface NodeLoad {
  readonly nodeId: string
  /** Uncontrolled load that the caps are computed with: the largest of the last seconds. */
  uncontrolledA: PerPhase
  uncontrolledW: number
  /** By the node's own meter; `null` = none or stale. */
  meteredA: PerPhase | null
  meteredW: number | null
  /** Meters below that say nothing now, with what is assumed instead. */
  stale: Reason[]
}

/** What is known of the EVSEs below each node: amperes at `node * 3 + line`, watts at `node`. */
export interface EvseParts {
  readonly lowA: Float64Array
  readonly slackA: Float64Array
  readonly lowW: Float64Array
  readonly slackW: Float64Array
  /** 1 = some of the slack belongs to EVSEs that we do not hear. */
  readonly silent: Uint8Array
  /** Age of the oldest measurement that `low` rests on, per node. */
  readonly oldestMs: Float64Array
}

/**
 * Keeps the uncontrolled load of every node. A node's own meter is the truth for that node; without
 * one, or while it is stale, the loads below are added up, each by its meter or at its design load
 * (a source counts as nothing then): a stale meter is not zero.
 */
export const createNodeLoads = (
  site: Site,
  topology: Topology,
  readings: Readings,
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
  const residualsA: (ResidualState | null)[] = site.nodes.flatMap(() => [null, null, null])
  const residualsW: (ResidualState | null)[] = site.nodes.map(() => null)
  const holdsA: PeakHold[] = site.nodes.flatMap(() => PHASES.map(() => createPeakHold()))
  const holdsW: PeakHold[] = site.nodes.map(() => createPeakHold())
  const loadNode = site.loads.map((load) => indexOf.get(load.nodeId)!)
  const sumA: PerPhase[] = site.nodes.map(() => ZERO)
  const sumW = new Float64Array(site.nodes.length)
  const { voltageV } = site.supply
  /** By how much the wall clock was set since the start: peaks are held for seconds that passed. */
  let setMs = 0

  const loadNow = (
    load: LoadNode,
  ): { currentA: PerPhase; powerW: number; stale: Reason | null } => {
    const latest = load.meterId === null ? null : readings.latest(load.meterId)
    if (latest && !latest.stale) {
      const { currentA, powerW } = latest.reading
      const amps = currentA ?? spread(load, powerW ?? 0, site)
      return { currentA: amps, powerW: powerW ?? powerOf(amps, voltageV), stale: null }
    }
    return {
      currentA: load.designA,
      powerW: powerOf(load.designA, voltageV),
      stale:
        load.meterId === null
          ? null
          : { code: 'meter-stale', meterId: load.meterId, ageS: latest?.ageS ?? -1 },
    }
  }

  const addUpLoads = (): void => {
    for (let n = 0; n < nodes.length; n++) {
      sumA[n] = ZERO
      sumW[n] = 0
      nodes[n].stale = []
    }
    site.loads.forEach((load, k) => {
      const now = loadNow(load)
      for (let n = loadNode[k]; n >= 0; n = topology.parent[n]) {
        sumA[n] = plus(sumA[n], now.currentA)
        sumW[n] += now.powerW
        if (now.stale) nodes[n].stale.push(now.stale)
      }
    })
  }

  const byOwnMeter = (n: number, parts: EvseParts): void => {
    const node = site.nodes[n]
    const load = nodes[n]
    const latest = node.meterId === null ? null : readings.latest(node.meterId)
    const fresh = latest !== null && !latest.stale ? latest.reading : null
    load.meteredA = fresh?.currentA ?? null
    load.meteredW = fresh?.powerW ?? (fresh?.currentA ? powerOf(fresh.currentA, voltageV) : null)
    if (node.meterId !== null && fresh === null) {
      load.stale.push({ code: 'meter-stale', meterId: node.meterId, ageS: latest?.ageS ?? -1 })
    }
    const { meteredA, meteredW } = load
    const silent = parts.silent[n] === 1
    for (let line = 0; line < 3; line++) {
      const k = n * 3 + line
      const limitA = node.limitA ? node.limitA[line] : Infinity
      residualsA[k] =
        meteredA &&
        residual(
          meteredA[line],
          { low: parts.lowA[k], slack: parts.slackA[k], silent },
          residualsA[k],
          limitA,
        )
    }
    residualsW[n] =
      meteredW === null
        ? null
        : residual(
            meteredW,
            { low: parts.lowW[n], slack: parts.slackW[n], silent },
            residualsW[n],
            node.limitW ?? Infinity,
          )
  }

  const update = (nowMs: number, parts: EvseParts): readonly NodeLoad[] => {
    addUpLoads()
    for (let n = 0; n < nodes.length; n++) {
      byOwnMeter(n, parts)
      const load = nodes[n]
      const ownW = residualsW[n]
      const watts = ownW?.estimate ?? sumW[n]
      // A car that stopped since its last measurement looks like a building that shrank.
      const holdFor = Math.max(holdMs, ownW === null ? 0 : parts.oldestMs[n] + 2_000)
      load.uncontrolledA = perPhase((line) => {
        const k = n * 3 + line
        const unknown = ownW === null ? sumA[n][line] : watts / (3 * voltageV)
        return holdsA[k].push(residualsA[k]?.estimate ?? unknown, nowMs - setMs, holdFor)
      })
      load.uncontrolledW = holdsW[n].push(watts, nowMs - setMs, holdFor)
    }
    return nodes
  }

  const clockSet = (stepMs: number): void => {
    setMs += stepMs
  }

  return { update, clockSet, nodes: nodes as readonly NodeLoad[] }
}

const powerOf = (currentA: PerPhase, voltageV: number): number =>
  (currentA[0] + currentA[1] + currentA[2]) * voltageV

/** Amperes per line of a load of which only the power is known, as it is wired. */
const spread = (load: LoadNode, powerW: number, site: Site): PerPhase =>
  times(lineCurrent(load.wiring, site.supply).re, powerW / wattsPerAmp(load.wiring, site.supply))
