import type { Node, Site } from '../../domain/site.ts'
import { createSlotRing } from '../../engine/forecast/slot-ring.ts'
import type { Storage } from '../../ports/storage.ts'
import type { ForecastJournal } from './forecast-journal.ts'
import type { PvPlant } from './pv-plants.ts'

/**
 * Readings of the base load of a node are stored under a name that no meter can have: what a meter
 * at the node says holds the vehicles too, and could not be taken apart again after a restart.
 */
export const baseMeterId = (nodeId: string): string => `base/${nodeId}`

/** Seconds ahead at which forecasts are written down and scored. */
export const JOURNAL_LEADS_S: readonly number[] = [900, 3_600, 14_400, 86_400]
export const JOURNAL_LEVELS: readonly number[] = [0.1, 0.5, 0.9]

/** Stores the finished quarter hours of a site, and holds its forecasts against them. */
export interface BaseRecorder {
  /** Means of a finished slot, row by row (NaN = not measured), and what each plant gave. */
  readonly close: (slot: number, net: Float64Array, given: Float64Array, nowMs: number) => void
  /** The slot has just begun: once an hour the forecasts of this moment are written down. */
  readonly note: (slot: number, watts: WattsAt) => void
  /** A slot of before the restart. */
  readonly remember: (node: number, slot: number, watts: number) => void
}

export interface WattsAt {
  readonly node: (node: number, slot: number, quantile: number) => number
  readonly plant: (plant: number, slot: number, quantile: number) => number
}

/** Nodes and plants that are scored: all of a site, but for the very large. */
const MOST_SUBJECTS = 16
const WEEK = 7 * 96
const DAY = 96
const ROWS = 4

export const createBaseRecorder = (
  site: Site,
  plants: readonly PvPlant[],
  storage: Storage,
  journal: ForecastJournal | null,
  slotMs: number,
): BaseRecorder => {
  const scored = site.nodes
    .map((node, n) => ({ node, n, past: createSlotRing(WEEK + DAY) }))
    .filter(({ node, n }) => n === 0 || isMeasured(node, site))
    .slice(0, MOST_SUBJECTS)
  const scoredPlants = plants
    .map(({ load }, p) => ({ load, p, past: createSlotRing(2 * DAY) }))
    .slice(0, MOST_SUBJECTS)

  const storeNode = (id: string, slot: number, [a, b, c, w]: number[], nowMs: number): void =>
    storage.append({
      table: 'reading',
      row: {
        meterId: baseMeterId(id),
        measuredAtMs: slot * slotMs,
        receivedAtMs: nowMs,
        quality: 'good',
        values: { currentA: [rounded(a), rounded(b), rounded(c)], powerW: rounded(w) },
      },
    })

  const noteOne = (
    kind: string,
    subject: string,
    slot: number,
    valueAt: (slot: number, quantile: number) => number,
    baselineAt: (slot: number) => number,
  ): void => {
    for (const leadS of JOURNAL_LEADS_S) {
      const target = slot + Math.round((leadS * 1000) / slotMs) - 1
      const baseline = baselineAt(target)
      journal?.note({
        kind,
        subject,
        madeAtMs: slot * slotMs,
        leadS,
        quantiles: JOURNAL_LEVELS.map((level) => [level, valueAt(target, level)]),
        baseline: Number.isNaN(baseline) ? null : baseline,
      })
    }
  }

  return {
    close: (slot, net, given, nowMs) => {
      const endMs = (slot + 1) * slotMs
      site.nodes.forEach(({ id }, n) => {
        const row = Array.from(net.subarray(n * ROWS, (n + 1) * ROWS))
        if (row.every(Number.isFinite)) storeNode(id, slot, row, nowMs)
      })
      for (const { node, n, past } of scored) {
        past.put(slot, net[n * ROWS + 3])
        journal?.settle('load', node.id, endMs, net[n * ROWS + 3])
      }
      for (const { load, p, past } of scoredPlants) {
        past.put(slot, given[p])
        journal?.settle('pv', load.id, endMs, given[p])
      }
    },
    note: (slot, watts) => {
      if (journal === null || (slot * slotMs) % 3_600_000 !== 0) return
      for (const { node, n, past } of scored) {
        const valueAt = (target: number, q: number): number => watts.node(n, target, q)
        noteOne('load', node.id, slot, valueAt, (target) => past.at(target - WEEK))
      }
      for (const { load, p, past } of scoredPlants) {
        const valueAt = (target: number, q: number): number => watts.plant(p, target, q)
        noteOne('pv', load.id, slot, valueAt, (target) => past.at(target - DAY))
      }
    },
    remember: (node, slot, watts) => {
      scored.find(({ n }) => n === node)?.past.put(slot, watts)
    },
  }
}

/** A node of which something is known by itself, not only as the sum of others. */
const isMeasured = (node: Node, site: Site): boolean =>
  node.meterId !== null || site.loads.some((load) => load.nodeId === node.id)

const rounded = (value: number): number => Math.round(value * 100) / 100
