import type { PerPhase } from '../domain/phases.ts'
import type { Topology } from './topology.ts'

/**
 * The limits of the tree and of groups as rows: per zone three lines (amperes, phasor sums) and one
 * power row (watts). Keeps the load that controllable draws put on each row.
 */
export interface Rows {
  /** Index `zone * 3 + line`. `Infinity` = no limit. */
  readonly capA: Float64Array
  readonly capW: Float64Array
  readonly re: Float64Array
  readonly im: Float64Array
  readonly loadW: Float64Array
}

/** How each EVSE loads the lines, per ampere: the topology's, or less for a car on fewer phases. */
export interface Draws {
  readonly re: Float64Array
  readonly im: Float64Array
  readonly watts: Float64Array
}

/** Row within a zone: a line, or its power. */
export const POWER_ROW = 3

const TOLERANCE = 1e-6

export const createRows = (topology: Topology): Rows => ({
  capA: new Float64Array(topology.zoneCount * 3).fill(Infinity),
  capW: new Float64Array(topology.zoneCount).fill(Infinity),
  re: new Float64Array(topology.zoneCount * 3),
  im: new Float64Array(topology.zoneCount * 3),
  loadW: new Float64Array(topology.zoneCount),
})

export const clearLoads = (rows: Rows): void => {
  rows.re.fill(0)
  rows.im.fill(0)
  rows.loadW.fill(0)
}

/** Adds `amps` of one EVSE to every row of its zones. */
export const addLoad = (
  rows: Rows,
  topology: Topology,
  draws: Draws,
  evse: number,
  amps: number,
): void => {
  if (amps === 0) return
  const { zones, zonesFrom } = topology
  const e = evse * 3
  for (let k = zonesFrom[evse]; k < zonesFrom[evse + 1]; k++) {
    const zone = zones[k]
    const z = zone * 3
    for (let line = 0; line < 3; line++) {
      rows.re[z + line] += amps * draws.re[e + line]
      rows.im[z + line] += amps * draws.im[e + line]
    }
    rows.loadW[zone] += amps * draws.watts[evse]
  }
}

/** An addition to what an EVSE draws. */
interface More {
  readonly evse: number
  readonly amps: number
}

/** The load of a row with an addition, amperes or watts; `null` = the EVSE does not use the row. */
const loadWith = (
  rows: Rows,
  draws: Draws,
  zone: number,
  row: number,
  { evse, amps }: More,
): number | null => {
  if (row === POWER_ROW) return rows.loadW[zone] + amps * draws.watts[evse]
  const re = draws.re[evse * 3 + row]
  const im = draws.im[evse * 3 + row]
  if (re === 0 && im === 0) return null
  const k = zone * 3 + row
  return magnitude(rows.re[k] + amps * re, rows.im[k] + amps * im)
}

/** Whether a load is above a cap by more than rounding. */
export const isAbove = (load: number, cap: number, row: number): boolean =>
  load > cap + (row === POWER_ROW ? 1e-3 : TOLERANCE)

/** Visits the rows of the EVSE's zones that an addition would exceed, with what they would carry. */
export const visitBlocking = (
  rows: Rows,
  topology: Topology,
  draws: Draws,
  more: More,
  visit: (zone: number, row: number, load: number) => void,
): void => {
  const { zones, zonesFrom } = topology
  for (let k = zonesFrom[more.evse]; k < zonesFrom[more.evse + 1]; k++) {
    const zone = zones[k]
    for (let row = 0; row <= POWER_ROW; row++) {
      const cap = rowCap(rows, zone, row)
      const load = cap === Infinity ? null : loadWith(rows, draws, zone, row, more)
      if (load !== null && isAbove(load, cap, row)) visit(zone, row, load)
    }
  }
}

/** The first row of the EVSE's zones that `amps` more would exceed; `null` = none. */
export const blockingRow = (
  rows: Rows,
  topology: Topology,
  draws: Draws,
  evse: number,
  amps: number,
): { zone: number; row: number } | null => {
  const { zones, zonesFrom } = topology
  const more = { evse, amps }
  for (let k = zonesFrom[evse]; k < zonesFrom[evse + 1]; k++) {
    for (let row = 0; row <= POWER_ROW; row++) {
      const cap = rowCap(rows, zones[k], row)
      const load = cap === Infinity ? null : loadWith(rows, draws, zones[k], row, more)
      if (load !== null && isAbove(load, cap, row)) return { zone: zones[k], row }
    }
  }
  return null
}

/** Line currents, all in phase, and watts of one ampere of an EVSE. */
export interface Draw {
  readonly lines: PerPhase
  readonly perAmpW: number
}

/** The most amperes of `draw` that every row of the EVSE's zones can take; below 0 = none can. */
export const roomFor = (rows: Rows, topology: Topology, evse: number, draw: Draw): number => {
  const { zones, zonesFrom } = topology
  let room = Infinity
  for (let k = zonesFrom[evse]; k < zonesFrom[evse + 1]; k++) {
    const zone = zones[k]
    for (let line = 0; line < 3; line++) {
      const row = zone * 3 + line
      if (draw.lines[line] === 0 || rows.capA[row] === Infinity) continue
      const leads = rows.im[row]
      const cap = rows.capA[row]
      const inPhase = leads === 0 ? cap : Math.sqrt(Math.max(0, cap * cap - leads * leads))
      room = Math.min(room, (inPhase - rows.re[row]) / draw.lines[line])
    }
    room = Math.min(room, (rows.capW[zone] - rows.loadW[zone]) / draw.perAmpW)
  }
  return room
}

export const magnitude = (re: number, im: number): number =>
  im === 0 ? Math.abs(re) : Math.sqrt(re * re + im * im)

/** Load on a row now, amperes or watts. */
export const rowLoad = (rows: Rows, zone: number, row: number): number =>
  row === POWER_ROW ? rows.loadW[zone] : magnitude(rows.re[zone * 3 + row], rows.im[zone * 3 + row])

export const rowCap = (rows: Rows, zone: number, row: number): number =>
  row === POWER_ROW ? rows.capW[zone] : rows.capA[zone * 3 + row]
