import type { ForecastSeries } from '../../domain/forecast-series.ts'
import { times, type PerPhase, ZERO } from '../../domain/phases.ts'
import type { Reading } from '../../domain/reading.ts'
import type { LoadNode, Site } from '../../domain/site.ts'
import { lineCurrent, wattsPerAmp } from '../../domain/wiring.ts'
import type { Present } from '../../engine/forecast/load.ts'
import { createPvForecast, type PvForecast } from '../../engine/forecast/pv.ts'
import type { SlotClock } from '../../engine/forecast/slot-clock.ts'
import type { Readings } from '../../ports/readings.ts'

/** A PV plant with a meter of its own: what it gives now, in this slot, and will give. */
export interface PvPlant {
  readonly load: LoadNode
  readonly model: PvForecast
  /** Amperes per line that one watt given takes off the site. */
  readonly ampsPerWatt: PerPhase
  /** At this moment, by its meter; `null` = the meter says nothing. */
  givenA: PerPhase
  givenW: number | null
  /** Sum over the samples of the running slot. */
  sumW: number
  samples: number
  /** What was forecast at one instant, for each node and line asks the same. */
  askedMs: number
  readonly answers: Map<number, number>
}

export interface PvPlants {
  readonly all: readonly PvPlant[]
  /** Reads the meters of all plants. */
  readonly observe: () => void
  /** The slot is over. Mean watts of each plant, NaN where its meter was silent or it was cut. */
  readonly close: (slot: number, isWhole: boolean) => Float64Array
  readonly accept: (series: ForecastSeries) => void
  /** `quantile` of what the plant will give in a slot, watts, seen from the running one. */
  readonly forecast: (plant: PvPlant, now: SlotNow, target: number, quantile: number) => number
}

/** The running slot and how much of it is over (0..1) at an instant. */
export interface SlotNow {
  readonly slot: number
  readonly part: number
  readonly nowMs: number
}

export const createPvPlants = (
  site: Site,
  clock: SlotClock,
  readings: Readings | null,
): PvPlants => {
  const all = site.loads
    .filter((load) => readings !== null && load.kind === 'pv' && load.meterId !== null)
    .map((load): PvPlant => {
      const perWatt = 1 / wattsPerAmp(load.wiring, site.supply)
      return {
        load,
        model: createPvForecast(clock),
        ampsPerWatt: times(lineCurrent(load.wiring, site.supply).re, perWatt),
        givenA: ZERO,
        givenW: null,
        sumW: 0,
        samples: 0,
        askedMs: Number.NaN,
        answers: new Map(),
      }
    })

  const observeOne = (plant: PvPlant): void => {
    const latest = readings?.latest(plant.load.meterId!) ?? null
    const reading = latest && !latest.stale ? latest.reading : null
    plant.givenW = reading && givenWatts(reading, site.supply.voltageV)
    plant.givenA = ZERO
    if (plant.givenW === null) return
    // Negative is out of the load: what it draws at night is not what the sun gives.
    plant.givenA = reading?.currentA
      ? times(reading.currentA, -1)
      : times(plant.ampsPerWatt, plant.givenW)
    plant.sumW += plant.givenW
    plant.samples++
  }

  return {
    all,
    observe: () => all.forEach(observeOne),
    close: (slot, isWhole) => {
      const means = Float64Array.from(all, ({ sumW, samples }) =>
        isWhole ? sumW / samples : Number.NaN,
      )
      all.forEach((plant, p) => {
        plant.model.learn(slot, means[p])
        plant.sumW = 0
        plant.samples = 0
      })
      return means
    },
    accept: (series) => {
      for (const { load, model } of all) if (load.id === series.loadId) model.accept(series)
    },
    forecast: (plant, now, target, quantile) => {
      if (now.nowMs !== plant.askedMs) plant.answers.clear()
      plant.askedMs = now.nowMs
      const key = 2 * target + quantile
      const known = plant.answers.get(key)
      if (known !== undefined) return known
      const value = plant.model.at(presentOf(plant, now), target, quantile)
      plant.answers.set(key, value)
      return value
    },
  }
}

const presentOf = ({ givenW, sumW, samples }: PvPlant, { slot, part }: SlotNow): Present => ({
  slot,
  value: Math.max(0, givenW ?? 0),
  mean: sumW / samples,
  part,
})

/** Power and current are positive into the load; a plant gives what is negative. */
export const givenWatts = (
  { powerW, currentA }: Pick<Reading, 'powerW' | 'currentA'>,
  voltageV: number,
): number | null => {
  if (powerW !== undefined) return -powerW
  return currentA ? -(currentA[0] + currentA[1] + currentA[2]) * voltageV : null
}
