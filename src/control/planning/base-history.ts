import { times, type PerPhase } from '../../domain/phases.ts'
import type { Reading } from '../../domain/reading.ts'
import type { LoadNode, Node, Site } from '../../domain/site.ts'
import { lineCurrent, wattsPerAmp } from '../../domain/wiring.ts'
import { createSlotMeans, type SlotSeries } from '../../engine/forecast/slot-means.ts'
import type { StorageReader } from '../../ports/storage.ts'
import { baseMeterId } from './base-recorder.ts'
import { givenWatts } from './pv-plants.ts'

/** The base load of a node in the past, slot by slot: amperes of the lines and watts. */
export interface NodePast {
  readonly startSlot: number
  readonly length: number
  /** Four rows; NaN = not measured. */
  readonly rows: readonly Float64Array[]
}

/** What a PV plant gave, watts. */
export interface PlantPast {
  readonly load: LoadNode
  readonly given: SlotSeries
}

export interface BaseHistory {
  readonly node: (node: Node, nowMs: number) => Promise<NodePast>
  readonly plant: (load: LoadNode, nowMs: number) => Promise<PlantPast>
  /** The same without PV: what the plants below the node gave is added again. */
  readonly withoutPv: (node: Node, past: NodePast, plants: readonly PlantPast[]) => NodePast
}

const DAY_MS = 86_400_000
/** Six weeks: what came before has all but been forgotten. */
const HISTORY_MS = 42 * DAY_MS
/** A steady meter is stored once a minute; after so long it has fallen silent. */
const HOLD_MS = 300_000
const EMPTY: NodePast = {
  startSlot: 0,
  length: 0,
  rows: [0, 1, 2, 3].map(() => new Float64Array(0)),
}

type Values = Pick<Reading, 'powerW' | 'currentA'>

/**
 * Reads the past of a site from stored readings: the quarter hours that were stored for each node
 * (base-recorder.ts). Where there are none yet, the readings of the meters: of the node's own where
 * no EVSE hangs below it, else of the loads below, added up. Day by day, so that no answer is large.
 */
export const createBaseHistory = (
  site: Site,
  storage: StorageReader,
  slotMs: number,
): BaseHistory => {
  const { voltageV } = site.supply

  const firstMs = (nowMs: number): number => Math.floor((nowMs - HISTORY_MS) / slotMs) * slotMs

  /** Calls `take` with the readings of a meter, oldest first. */
  const eachReading = async (
    meterId: string,
    nowMs: number,
    stretchMs: number,
    take: (atMs: number, values: Values) => void,
  ): Promise<void> => {
    const untilMs = Math.floor(nowMs / slotMs) * slotMs
    for (let fromMs = firstMs(nowMs); fromMs < untilMs; fromMs += stretchMs) {
      const rows = await storage.query('reading', {
        where: { meterId },
        between: {
          column: 'measuredAtMs',
          from: fromMs,
          to: Math.min(untilMs, fromMs + stretchMs),
        },
        orderBy: 'measuredAtMs',
      })
      for (const { measuredAtMs, quality, values } of rows) {
        if (measuredAtMs !== null && quality !== 'bad') take(measuredAtMs, values as Values)
      }
    }
  }

  /** The quarter hours that were stored for a node. */
  const stored = async (node: Node, nowMs: number): Promise<NodePast> => {
    const slots: { slot: number; values: Values }[] = []
    await eachReading(baseMeterId(node.id), nowMs, HISTORY_MS, (atMs, values) =>
      slots.push({ slot: Math.floor(atMs / slotMs), values }),
    )
    if (slots.length === 0) return EMPTY
    const startSlot = slots[0].slot
    const length = slots.at(-1)!.slot - startSlot + 1
    const rows = [0, 1, 2, 3].map(() => new Float64Array(length).fill(Number.NaN))
    for (const { slot, values } of slots) {
      rows.forEach((row, k) => {
        row[slot - startSlot] = (k === 3 ? values.powerW : values.currentA?.[k]) ?? Number.NaN
      })
    }
    return { startSlot, length, rows }
  }

  /** Quarter hours of a meter, with what it does not give worked out from what it does. */
  const metered = async (
    meterId: string,
    nowMs: number,
    toAmps: (watts: number) => PerPhase,
  ): Promise<NodePast> => {
    const means = [0, 1, 2, 3].map(() => createSlotMeans(slotMs, HOLD_MS))
    await eachReading(meterId, nowMs, DAY_MS, (atMs, { powerW, currentA }) => {
      const watts = powerW ?? (currentA ? sum(currentA) * voltageV : Number.NaN)
      const amps = currentA ?? toAmps(watts)
      means.forEach((one, k) => one.add(atMs, k === 3 ? watts : amps[k]))
    })
    const series = means.map((one) => one.series())
    const { startSlot, values } = series[3]
    return { startSlot, length: values.length, rows: series.map((one) => one.values) }
  }

  const ofMeters = async (node: Node, nowMs: number): Promise<NodePast> => {
    if (node.meterId !== null) {
      if (site.evses.some(({ nodeId }) => isBelow(site, nodeId, node.id))) return EMPTY
      const evenly = (watts: number): PerPhase => times([1, 1, 1], watts / (3 * voltageV))
      return metered(node.meterId, nowMs, evenly)
    }
    const loads = site.loads.filter(({ nodeId }) => isBelow(site, nodeId, node.id))
    const pasts: NodePast[] = []
    for (const load of loads) {
      if (load.meterId === null) continue
      pasts.push(await metered(load.meterId, nowMs, (watts) => lineAmps(load, watts)))
    }
    const unmetered = loads.filter(({ meterId }) => meterId === null)
    return added(pasts, (row) =>
      unmetered.reduce((sum, { designA }) => sum + designRow(designA, row, voltageV), 0),
    )
  }

  const lineAmps = (load: LoadNode, watts: number): PerPhase =>
    times(lineCurrent(load.wiring, site.supply).re, watts / wattsPerAmp(load.wiring, site.supply))

  return {
    node: async (node, nowMs) => {
      const past = await stored(node, nowMs)
      return past.length > 0 ? past : ofMeters(node, nowMs)
    },
    plant: async (load, nowMs) => {
      const means = createSlotMeans(slotMs, HOLD_MS)
      if (load.meterId !== null) {
        await eachReading(load.meterId, nowMs, DAY_MS, (atMs, values) =>
          means.add(atMs, givenWatts(values, voltageV) ?? Number.NaN),
        )
      }
      return { load, given: means.series() }
    },
    withoutPv: (node, past, plants) => {
      const below = plants.filter(({ load }) => isBelow(site, load.nodeId, node.id))
      const rows = past.rows.map((values, row) =>
        values.map((value, i) =>
          below.reduce((sum, { load, given }) => {
            const watts = given.values[past.startSlot + i - given.startSlot] ?? Number.NaN
            return sum + (row === 3 ? watts : lineAmps(load, watts)[row])
          }, value),
        ),
      )
      return { ...past, rows }
    },
  }
}

/** Does a node hang below another, or is it that? */
export const isBelow = (site: Site, nodeId: string, above: string): boolean => {
  let id: string | null = nodeId
  while (id !== null && id !== above) id = parentOf(site, id)
  return id === above
}

const parentOf = (site: Site, nodeId: string): string | null =>
  site.nodes.find(({ id }) => id === nodeId)?.parentId ?? null

const sum = ([a, b, c]: PerPhase): number => a + b + c

const designRow = (designA: PerPhase, row: number, voltageV: number): number =>
  row === 3 ? sum(designA) * voltageV : designA[row]

/** The slots in which all of them were measured count. */
const added = (pasts: readonly NodePast[], constant: (row: number) => number): NodePast => {
  const known = pasts.filter(({ length }) => length > 0)
  if (known.length === 0 || known.length < pasts.length) return EMPTY
  const startSlot = Math.max(...known.map((past) => past.startSlot))
  const endSlot = Math.min(...known.map((past) => past.startSlot + past.length))
  const length = Math.max(0, endSlot - startSlot)
  const rows = [0, 1, 2, 3].map((row) =>
    Float64Array.from({ length }, (_, i) =>
      known.reduce(
        (total, past) => total + past.rows[row][startSlot + i - past.startSlot],
        constant(row),
      ),
    ),
  )
  return { startSlot, length, rows }
}
