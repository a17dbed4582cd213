import { PHASES, type Phase } from '../../domain/phases.ts'
import type { Site } from '../../domain/site.ts'
import type { CommandCount } from './gateway.ts'
import type { StayRecord, World } from '../world.ts'

/** What a virtual run measured. Equal for equal site, settings, seed and control. */
export interface VirtualResult {
  readonly siteId: string
  readonly seed: number
  readonly hours: number
  readonly energyKwh: number
  /** Of the vehicles that left: wanted and not delivered. */
  readonly unservedKwh: number
  readonly sessions: {
    readonly arrived: number
    readonly turnedAway: number
    readonly left: number
    /** Left with energy; left with all that they needed. */
    readonly served: number
    readonly fullyServed: number
  }
  readonly peakKw: {
    readonly site: number
    readonly ev: number
    /** Highest average of a clock quarter at the grid connection. */
    readonly siteQuarterHour: number
  }
  readonly nodes: readonly NodeResult[]
  /** Seconds in which any node was above its limit. */
  readonly secondsAboveLimit: number
  /** Pauses and resumptions ordered by the control, and how many that is per session. */
  readonly switching: { readonly changes: number; readonly perSession: number }
  readonly commands: {
    readonly total: number
    readonly rejected: number
    readonly timedOut: number
    readonly perStation: Readonly<Record<string, number>>
  }
  /** Currency of the site; `null` when no price was given. */
  readonly cost: { readonly site: number; readonly ev: number } | null
}

export interface NodeResult {
  readonly nodeId: string
  /** Largest |current| / limit, or power / limit; `null` when the node has no limit. */
  readonly worstLoading: number | null
  readonly worstPhase: Phase | 'power' | null
  readonly worstAtMs: number | null
  readonly secondsAbove: number
}

export interface Measures {
  arrived(): void
  left(record: StayRecord): void
  /** After each second of the world. */
  step(nowMs: number): void
  result(counts: ReadonlyMap<string, CommandCount>): VirtualResult
}

/** Rounding noise of the sums of currents, not of any limit. */
const TOLERANCE = 1e-9
/** A vehicle within 1 % or 50 Wh of its need counts as fully served. */
const fullyServed = ({ needWh, deliveredWh }: StayRecord): boolean =>
  deliveredWh >= needWh - Math.max(50, 0.01 * needWh)

export const createMeasures = (
  site: Site,
  world: World,
  run: { readonly seed: number; readonly hours: number },
  priceAt: ((atMs: number) => number) | null,
): Measures => {
  const { grid, ports } = world
  const rows = site.nodes.map((node) => ({
    node,
    worst: -Infinity,
    phase: null as NodeResult['worstPhase'],
    atMs: null as number | null,
    above: 0,
  }))
  const records: StayRecord[] = []
  const offered = ports.map((port) => ({ transaction: port.transaction, on: false }))
  let arrivals = 0
  let energyWh = 0
  let peakSiteW = -Infinity
  let peakEvW = 0
  let quarter = -1
  let quarterWs = 0
  let quarterS = 0
  let peakQuarterW = 0
  let aboveS = 0
  let changes = 0
  let siteCost = 0
  let evCost = 0

  const closeQuarter = (): void => {
    if (quarterS > 0) peakQuarterW = Math.max(peakQuarterW, quarterWs / quarterS)
    quarterWs = 0
    quarterS = 0
  }

  const loadNode = (index: number, nowMs: number): boolean => {
    const row = rows[index]
    const { limitA, limitW } = row.node
    let loading = -Infinity
    let phase: NodeResult['worstPhase'] = null
    if (limitA) {
      for (let line = 0; line < 3; line++) {
        const part = Math.abs(grid.currentA[3 * index + line]) / limitA[line]
        if (part > loading) {
          loading = part
          phase = PHASES[line]
        }
      }
    }
    if (limitW !== null && grid.powerW[index] / limitW > loading) {
      loading = grid.powerW[index] / limitW
      phase = 'power'
    }
    if (loading > row.worst) {
      row.worst = loading
      row.phase = phase
      row.atMs = nowMs
    }
    const above = loading > 1 + TOLERANCE
    if (above) row.above++
    return above
  }

  /** A pause or a resumption: the offer of a running transaction goes to zero or comes back. */
  const countSwitches = (): void => {
    for (let i = 0; i < ports.length; i++) {
      const { transaction, pilotA } = ports[i]
      const seen = offered[i]
      const on = pilotA > 0
      if (transaction && transaction === seen.transaction && on !== seen.on) changes++
      seen.transaction = transaction
      seen.on = on
    }
  }

  return {
    arrived: () => void arrivals++,
    left: (record) => void records.push(record),
    step: (nowMs) => {
      const siteW = grid.powerW[0]
      const evW = grid.evPowerW
      energyWh += evW / 3600
      peakSiteW = Math.max(peakSiteW, siteW)
      peakEvW = Math.max(peakEvW, evW)
      const nowQuarter = Math.floor((nowMs - 1000) / 900_000)
      if (nowQuarter !== quarter) closeQuarter()
      quarter = nowQuarter
      quarterWs += siteW
      quarterS++
      let above = false
      for (let index = 0; index < rows.length; index++) above = loadNode(index, nowMs) || above
      if (above) aboveS++
      countSwitches()
      if (!priceAt) return
      const price = priceAt(nowMs)
      siteCost += (Math.max(0, siteW) / 3.6e6) * price
      evCost += (evW / 3.6e6) * price
    },
    result: (counts) => {
      closeQuarter()
      const served = records.filter((record) => record.deliveredWh > 50)
      const all = [...counts.values()]
      return {
        siteId: site.id,
        ...run,
        energyKwh: energyWh / 1000,
        unservedKwh:
          records.reduce((sum, { needWh, deliveredWh }) => sum + Math.max(0, needWh - deliveredWh), 0) / 1000, // prettier-ignore
        sessions: {
          arrived: arrivals,
          turnedAway: world.turnedAway(),
          left: records.length,
          served: served.length,
          fullyServed: records.filter(fullyServed).length,
        },
        peakKw: {
          site: peakSiteW / 1000,
          ev: peakEvW / 1000,
          siteQuarterHour: peakQuarterW / 1000,
        },
        nodes: rows.map(({ node, worst, phase, atMs, above }) => ({
          nodeId: node.id,
          worstLoading: worst === -Infinity ? null : worst,
          worstPhase: phase,
          worstAtMs: atMs,
          secondsAbove: above,
        })),
        secondsAboveLimit: aboveS,
        switching: { changes, perSession: arrivals === 0 ? 0 : changes / arrivals },
        commands: {
          total: all.reduce((sum, { sent }) => sum + sent, 0),
          rejected: all.reduce((sum, { rejected }) => sum + rejected, 0),
          timedOut: all.reduce((sum, { timedOut }) => sum + timedOut, 0),
          perStation: Object.fromEntries([...counts].map(([id, { sent }]) => [id, sent])),
        },
        cost: priceAt ? { site: siteCost, ev: evCost } : null,
      }
    },
  }
}
