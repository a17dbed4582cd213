import type { Site } from '../../domain/site.ts'
import type { Transformer } from '../../domain/transformer.ts'
import type { SiteCalendar } from '../../engine/forecast/calendar.ts'
import { advance, hottestState, permittedLoad, type ThermalState } from '../../engine/thermal.ts'
import type { PlanTick } from '../controller.ts'

/** Keeps the temperature of a site's transformers, and says what they permit from now on. */
export interface Transformers {
  readonly observe: (tick: PlanTick) => void
  /** Amperes per line that may flow through node `n` in each step; `null` = it has no transformer. */
  readonly permittedA: (n: number, outlook: CurrentOutlook) => Float64Array | null
}

/** Amperes in the fullest line of a node per step. */
export interface CurrentOutlook {
  readonly startMs: number
  readonly stepS: number
  /** What flows in any case. */
  readonly leastA: Float64Array
  /** With everything that is steered at full power. */
  readonly mostA: Float64Array
}

const LINES = { 'three-phase': 3, 'split-phase': 2, 'single-phase': 1 } as const
/** Oil and windings are slow: more often says nothing more. */
const EVERY_MS = 10_000
/** What happened in a longer silence is not known. */
const MAX_SILENCE_MS = 300_000

interface Tracked {
  readonly model: Transformer
  /** Rated current per line. */
  readonly ratedA: number
  state: ThermalState | null
  factor: number
  atMs: number
}

/**
 * Taken as hot as the limits allow at the start and after a silence: nobody knows what it carried
 * before. The fullest line counts for all, its winding is the hottest.
 */
export const createTransformers = (site: Site, calendar: SiteCalendar): Transformers => {
  const perLine = LINES[site.supply.kind] * site.supply.voltageV
  const tracked = site.nodes.map(({ transformer: model }): Tracked | null =>
    model === undefined
      ? null
      : { model, ratedA: model.ratedVa / perLine, state: null, factor: 0, atMs: -Infinity },
  )

  const ambientAt = ({ ambientC }: Transformer, atMs: number): number =>
    ambientC[new Date(atMs + calendar.offsetMs(atMs)).getUTCMonth()]

  const track = (one: Tracked, currentA: number, nowMs: number): void => {
    const { model, ratedA } = one
    const factor = Math.max(0, currentA) / ratedA
    const elapsedMs = nowMs - one.atMs
    const ambientC = ambientAt(model, nowMs)
    one.state =
      one.state === null || elapsedMs > MAX_SILENCE_MS
        ? hottestState(model, ambientC)
        : // Between two looks the load was at most the larger: nothing is cooled by chance.
          advance(model, one.state, Math.max(factor, one.factor), ambientC, elapsedMs / 1000)
    one.factor = factor
    one.atMs = nowMs
  }

  return {
    observe: (tick) => {
      tracked.forEach((one, n) => {
        if (one === null || tick.nowMs - one.atMs < EVERY_MS) return
        track(one, fullestA(tick, n), tick.nowMs)
      })
    },
    permittedA: (n, { startMs, stepS, leastA, mostA }) => {
      const one = tracked[n]
      if (one === null) return null
      const { model, ratedA } = one
      const ambientC = leastA.map((_, t) => ambientAt(model, startMs + t * stepS * 1000))
      const state = one.state ?? hottestState(model, ambientC[0])
      const part = (amps: number): number => Math.max(0, amps) / ratedA
      return permittedLoad(model, state, {
        stepS,
        ambientC,
        least: leastA.map(part),
        most: mostA.map(part),
      }).map((factor) => factor * ratedA)
    },
  }
}

/** By the node's own meter; without one, the loads below and what EVSEs may draw. */
const fullestA = ({ topology, loads, asks }: PlanTick, n: number): number => {
  const { meteredA, uncontrolledA } = loads[n]
  if (meteredA !== null) return Math.max(...meteredA)
  const { re, im } = asks.draws
  const amps = [...uncontrolledA]
  for (const e of topology.members[n]) {
    for (let line = 0; line < 3; line++) {
      amps[line] += asks.mayDrawA[e] * Math.hypot(re[e * 3 + line], im[e * 3 + line])
    }
  }
  return Math.max(...amps)
}
