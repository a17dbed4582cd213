import type { PerPhase } from '../domain/phases.ts'
import type { Site } from '../domain/site.ts'
import type { SimEvse } from './evse.ts'
import type { SimLoad } from './load.ts'

/** What a perfect meter at a node or a load reads. */
export interface MeterValue {
  readonly currentA: PerPhase
  readonly powerW: number
  readonly voltageV: PerPhase
  readonly energyImportWh: number
  readonly energyExportWh: number
}

/** True currents and powers of every node of the tree, recomputed on each `update`. */
export interface Grid {
  /** Node-major, three lines each: magnitude in amperes, negative when it flows out of the site. */
  readonly currentA: Float64Array
  readonly powerW: Float64Array
  /** Sum of all EVSEs. */
  evPowerW: number
  update(dtS: number): void
  node(index: number): MeterValue
  load(index: number): MeterValue
}

/** Magnitude of a phasor with the sign of its part that carries power. */
const signed = (re: number, im: number): number =>
  re < 0 ? -Math.hypot(re, im) : Math.hypot(re, im)

/**
 * Adds up phasors from the leaves to the grid connection: I(node) = sum of its loads, EVSEs and
 * child nodes, per line; a meter shows the magnitude. O(nodes + loads + EVSEs).
 * `evses` in the order of `site.evses`, `loads` in that of `site.loads`.
 */
export const createGrid = (
  site: Site,
  evses: readonly SimEvse[],
  loads: readonly SimLoad[],
): Grid => {
  const count = site.nodes.length
  const indexOf = new Map(site.nodes.map((node, index) => [node.id, index]))
  const parents = site.nodes.map((node) =>
    node.parentId === null ? -1 : indexOf.get(node.parentId)!,
  )
  const evseNodes = site.evses.map((evse) => indexOf.get(evse.nodeId)!)
  const loadNodes = site.loads.map((load) => indexOf.get(load.nodeId)!)
  const re = new Float64Array(3 * count)
  const im = new Float64Array(3 * count)
  const currentA = new Float64Array(3 * count)
  const powerW = new Float64Array(count)
  const importWh = new Float64Array(count)
  const exportWh = new Float64Array(count)
  const volts = site.supply.voltageV
  const voltageV: PerPhase = [volts, volts, volts]

  const add = (node: number, fromRe: PerPhase, fromIm: PerPhase, factor: number): void => {
    for (let line = 0; line < 3; line++) {
      re[3 * node + line] += fromRe[line] * factor
      im[3 * node + line] += fromIm[line] * factor
    }
  }

  const grid: Grid = {
    currentA,
    powerW,
    evPowerW: 0,
    update: (dtS) => {
      re.fill(0)
      im.fill(0)
      powerW.fill(0)
      grid.evPowerW = 0
      for (let i = 0; i < loads.length; i++) {
        add(loadNodes[i], loads[i].re, loads[i].im, 1)
        powerW[loadNodes[i]] += loads[i].powerW
      }
      for (let i = 0; i < evses.length; i++) {
        const evse = evses[i]
        if (evse.currentA === 0) continue
        add(evseNodes[i], evse.line.re, evse.line.im, evse.currentA)
        powerW[evseNodes[i]] += evse.powerW
        grid.evPowerW += evse.powerW
      }
      for (let node = count - 1; node >= 0; node--) {
        const parent = parents[node]
        if (parent >= 0) powerW[parent] += powerW[node]
        for (let line = 0; line < 3; line++) {
          const at = 3 * node + line
          if (parent >= 0) {
            re[3 * parent + line] += re[at]
            im[3 * parent + line] += im[at]
          }
          currentA[at] = signed(re[at], im[at])
        }
        const wh = (powerW[node] * dtS) / 3600
        if (wh >= 0) importWh[node] += wh
        else exportWh[node] -= wh
      }
    },
    node: (index) => ({
      currentA: [currentA[3 * index], currentA[3 * index + 1], currentA[3 * index + 2]],
      powerW: powerW[index],
      voltageV,
      energyImportWh: importWh[index],
      energyExportWh: exportWh[index],
    }),
    load: (index) => {
      const { re, im, powerW, importWh, exportWh } = loads[index]
      return {
        currentA: [signed(re[0], im[0]), signed(re[1], im[1]), signed(re[2], im[2])],
        powerW,
        voltageV,
        energyImportWh: importWh,
        energyExportWh: exportWh,
      }
    },
  }
  return grid
}
