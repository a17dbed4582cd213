import type { PerPhase } from '../domain/phases.ts'
import type { Site } from '../domain/site.ts'
import { applyCaps } from '../engine/binding.ts'
import { addLoad, blockingRow, clearLoads, type Draws, type Rows } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import type { Asks } from './asks.ts'
import { siteCaps } from './caps.ts'
import type { EventCaps } from './event-caps.ts'
import type { EvseControl } from './evse-control.ts'
import type { NodeLoad } from './node-loads.ts'
import { isLong } from './renewal.ts'
import type { ControlRules } from './rules.ts'

/** A measured load up to this much beyond what is declared is meter noise, amperes per line. */
const UNDECLARED_A = 2

/** What one tick knows. */
export interface SilenceInput {
  readonly nowMs: number
  readonly topology: Topology
  readonly rows: Rows
  readonly loads: readonly NodeLoad[]
  readonly events: EventCaps
  readonly idleW: Float64Array
  readonly controls: readonly EvseControl[]
  readonly asks: Asks
}

/**
 * Which profiles may hold for long. The site must bear them when Busbar falls silent: with every load
 * at its design, every EVSE at its failsafe (or at what it may draw, where it cannot be commanded) and
 * the long profiles above it, no limit is exceeded:
 *
 *   sum(design or measured) + sum(failsafe) + sum(long limit - failsafe) <= limit
 *
 * Who finds no room in this sum gets a short profile. O(EVSEs) per tick.
 */
export const createSilence = (site: Site, tree: Topology, rules: ControlRules) => {
  const designA = declaredBelow(site, tree)
  const heldA = new Float64Array(site.evses.length)
  const isOver = new Uint8Array(site.evses.length)
  let topology = tree
  let rows: Rows | null = null
  let draws: Draws = tree
  let controls: readonly EvseControl[] = []

  /** Loads as they may be while nobody watches; a load that nobody declared has no bound. */
  const worstLoads = (loads: readonly NodeLoad[]): NodeLoad[] =>
    loads.map((load, n) => {
      const isUnbounded =
        site.nodes[n].meterId !== null &&
        load.uncontrolledA.some((amps, line) => amps > designA[n][line] + UNDECLARED_A)
      const designW = (designA[n][0] + designA[n][1] + designA[n][2]) * site.supply.voltageV
      const worst = (now: number, design: number): number =>
        isUnbounded ? Infinity : Math.max(now, design)
      const [a, b, c] = load.uncontrolledA
      return {
        ...load,
        uncontrolledA: [worst(a, designA[n][0]), worst(b, designA[n][1]), worst(c, designA[n][2])],
        uncontrolledW: worst(load.uncontrolledW, designW),
      }
    })

  const riseOf = ({ evse, failsafeA }: EvseControl, limitA: number): number =>
    Math.max(0, limitA - (failsafeA ?? evse.maxA))

  return {
    /** Once per tick, before profiles are sent. */
    update: (input: SilenceInput): void => {
      const { asks, nowMs } = input
      topology = input.topology
      controls = input.controls
      draws = asks.draws
      rows = input.rows
      const worst = worstLoads(input.loads)
      applyCaps(rows, siteCaps(topology, site, worst, input.events, input.idleW, 1))
      clearLoads(rows)
      isOver.fill(0)
      heldA.fill(0)
      for (let e = 0; e < controls.length; e++) {
        const restA = controls[e].failsafeA ?? controls[e].evse.maxA
        // Whatever vehicle comes, on whatever lines.
        addLoad(rows, topology, topology, e, restA)
        if (asks.obstacles[e])
          addLoad(rows, topology, draws, e, Math.max(0, asks.mayDrawA[e] - restA))
      }
      for (let e = 0; e < controls.length; e++) {
        const { accepted } = controls[e]
        if (asks.obstacles[e] || !accepted || accepted.validToMs <= nowMs) continue
        if (!isLong(accepted, rules)) continue
        const riseA = riseOf(controls[e], accepted.limitA)
        if (riseA > 0 && blockingRow(rows, topology, draws, e, riseA)) isOver[e] = 1
        heldA[e] = riseA
        addLoad(rows, topology, draws, e, riseA)
      }
    },

    /** Takes the room for a long profile; false = there is none. */
    bears: (e: number, limitA: number): boolean => {
      if (rows === null) return false
      addLoad(rows, topology, draws, e, -heldA[e])
      heldA[e] = 0
      const riseA = riseOf(controls[e], limitA)
      if (blockingRow(rows, topology, draws, e, riseA)) return false
      heldA[e] = riseA
      addLoad(rows, topology, draws, e, riseA)
      return true
    },

    /** It holds a long profile for which there is no room any more. */
    isOver: (e: number): boolean => isOver[e] === 1,
  }
}

export type Silence = ReturnType<typeof createSilence>

/** Design load below each node, amperes per line. */
const declaredBelow = (site: Site, tree: Topology): PerPhase[] => {
  const sums = site.nodes.map((): [number, number, number] => [0, 0, 0])
  for (const load of site.loads) {
    for (let n = tree.nodeIds.indexOf(load.nodeId); n >= 0; n = tree.parent[n]) {
      for (let line = 0; line < 3; line++) sums[n][line] += load.designA[line]
    }
  }
  return sums
}
