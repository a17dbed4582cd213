import { plus, total, ZERO, type PerPhase } from '../../src/domain/phases.ts'
import type { Evse, Site } from '../../src/domain/site.ts'
import { lineCurrent } from '../../src/domain/wiring.ts'

/** What a station lets flow at its EVSE, in site phases. */
interface Station {
  readonly evse: Evse
  /** What it draws now. */
  drawnA(): PerPhase
  /** What it would draw if its vehicle took all that it allows now. */
  mayDrawA(): PerPhase
  /** What is kept free for it. */
  reservesA(): PerPhase
}

/** What truly flows in the site's lines, whatever its meters or stations say. */
export const createCurrents = (
  site: Site,
  stations: readonly Station[],
  buildingA: () => PerPhase,
) => {
  /** Amperes that the worst line of any node is above its limit; negative: how far below. */
  const worst = (baseA: PerPhase, currentA: (station: Station) => PerPhase): number => {
    const excessA = site.nodes.flatMap(({ id, parentId, limitA }) => {
      const isConnection = parentId === null
      return stations
        .filter(({ evse }) => isConnection || evse.nodeId === id)
        .map(currentA)
        .reduce(plus, isConnection ? baseA : ZERO)
        .map((amps, line) => amps - limitA![line])
    })
    return Math.max(...excessA)
  }

  /** Amperes that are left in the fullest line of a station, of `part` of the limits. */
  const room = (station: Station, part: number): number => {
    const uses = lineCurrent(station.evse.wiring, site.supply).re
    const roomA = site.nodes.flatMap(({ id, parentId, limitA }) => {
      const isConnection = parentId === null
      if (!isConnection && station.evse.nodeId !== id) return []
      return stations
        .filter(({ evse }) => isConnection || evse.nodeId === id)
        .map((each) => each.reservesA())
        .reduce(plus, isConnection ? buildingA() : ZERO)
        .flatMap((amps, line) => (uses[line] === 0 ? [] : [part * limitA![line] - amps]))
    })
    return Math.min(...roomA)
  }

  const vehiclesA = (): PerPhase => stations.map((station) => station.drawnA()).reduce(plus, ZERO)

  return {
    /** Through the grid connection. */
    totalA: (): PerPhase => plus(buildingA(), vehiclesA()),
    /** What flows into all vehicles, at nominal voltage. */
    room,
    vehiclesW: (): number => site.supply.voltageV * total(vehiclesA()),
    /**
     * Worst excess over any limit, in amperes: drawn now, and potentially drawn; beside the building
     * of now, or another.
     */
    excess: (baseA = buildingA()) => ({
      drawnA: worst(baseA, (station) => station.drawnA()),
      potentialA: worst(baseA, (station) => station.mayDrawA()),
    }),
  }
}
