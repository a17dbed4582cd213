import { evenly, perPhase, times, total, ZERO, type PerPhase } from '../domain/phases.ts'
import type { LoadNode } from '../domain/site.ts'
import { lineCount, lineCurrent, wattsPerAmp, type Supply } from '../domain/wiring.ts'
import { noiseAt } from './random.ts'

/** What the settings say about one load; what is absent comes from its kind and its design load. */
export interface LoadSettings {
  /** Highest draw (for PV: highest generation) over the day, watts. */
  readonly peakW?: number
  /** Lowest draw over the day, watts; PV: 0. */
  readonly baseW?: number
  /** Draw in each hour of the day between base (0) and peak (1): 24 values. */
  readonly shape?: readonly number[]
  /** Random part, 0..1 of the peak. PV: how deep clouds cut. */
  readonly noise?: number
  /** Fastest change, watts per second. */
  readonly maxSlopeWPerS?: number
}

/** Office building, weekday; a form of ours after the DOE reference building (medium office). */
const OFFICE = [
  0.08, 0.06, 0.05, 0.05, 0.07, 0.18, 0.42, 0.66, 0.84, 0.92, 0.96, 0.98, 0.95, 0.98, 1, 0.98, 0.93,
  0.8, 0.6, 0.45, 0.36, 0.28, 0.18, 0.1,
]
const FLAT = Array.from({ length: 24 }, () => 0.6)
const NOTHING = Array.from({ length: 24 }, () => 0)
/** Clear-sky hours of a mid-European spring day. */
const SUNRISE_H = 6.2
const SUNSET_H = 20

/** A simulated building, PV plant or other load. Power is positive into the load. */
export interface SimLoad {
  readonly node: LoadNode
  powerW: number
  /** Per line, in phase and leading. */
  re: PerPhase
  im: PerPhase
  readonly importWh: number
  readonly exportWh: number
  /** Advances by `dtS` to the given local hour of the day (0..24) and day count. */
  step(day: number, hour: number, dtS: number): void
}

/** Smooth noise in [-1, 1] with one knot per unit of `x`. */
const smoothNoise = (seed: number, x: number): number => {
  const knot = Math.floor(x)
  const t = x - knot
  const s = t * t * (3 - 2 * t)
  return 2 * (noiseAt(seed, knot) * (1 - s) + noiseAt(seed, knot + 1) * s) - 1
}

/** The hourly shape, eased between the middles of the hours. */
const shapeAt = (shape: readonly number[], hour: number): number => {
  const x = (hour + 23.5) % 24
  const from = Math.floor(x)
  const t = x - from
  const s = (1 - Math.cos(Math.PI * t)) / 2
  return shape[from] * (1 - s) + shape[(from + 1) % 24] * s
}

const clearSky = (hour: number): number =>
  hour <= SUNRISE_H || hour >= SUNSET_H
    ? 0
    : Math.sin((Math.PI * (hour - SUNRISE_H)) / (SUNSET_H - SUNRISE_H)) ** 1.3

/** How the power of a load is spread over the lines: by its design load, evenly without one. */
const lineFactors = (node: LoadNode, supply: Supply): { re: PerPhase; im: PerPhase } => {
  if (lineCount(node.wiring) < 3) {
    const line = lineCurrent(node.wiring, supply)
    const perWatt = 1 / wattsPerAmp(node.wiring, supply)
    return { re: times(line.re, perWatt), im: times(line.im, perWatt) }
  }
  const share = total(node.designA) > 0 ? node.designA : evenly(1)
  return { re: times(share, 1 / (total(share) * supply.voltageV)), im: ZERO }
}

/** Watts at the design load of a node, all lines together. */
const designW = (node: LoadNode, supply: Supply): number =>
  lineCount(node.wiring) < 3
    ? Math.max(...node.designA) * wattsPerAmp(node.wiring, supply)
    : total(node.designA) * supply.voltageV

const SHAPES: Record<LoadNode['kind'], readonly number[]> = {
  building: OFFICE,
  other: FLAT,
  pv: NOTHING,
  battery: NOTHING,
  genset: NOTHING,
}

/**
 * A load with a daily shape, smooth seeded noise and a bounded slope. By default it peaks at 80 %
 * of its design load, noise included, so that the design load is what it can at most draw.
 * `fallbackPeakW`: peak of a pure source, which has no design load.
 */
export const createLoad = (
  node: LoadNode,
  supply: Supply,
  settings: LoadSettings,
  seed: number,
  fallbackPeakW: number,
): SimLoad => {
  const design = designW(node, supply)
  const solar = node.kind === 'pv'
  const peakW = settings.peakW ?? (solar ? fallbackPeakW : 0.8 * design)
  const baseW = settings.baseW ?? (node.kind === 'building' ? 0.25 * peakW : 0)
  const noise = settings.noise ?? (solar ? 0.5 : 0.05)
  const maxSlopeW = settings.maxSlopeWPerS ?? peakW * (solar ? 0.02 : 0.004)
  const shape = settings.shape ?? SHAPES[node.kind]
  const factors = lineFactors(node, supply)

  const targetW = (day: number, hour: number): number => {
    const seconds = (day * 24 + hour) * 3600
    if (solar) {
      // Clouds: deep and slow, with quick edges on top.
      const cloud = 0.7 * smoothNoise(seed, seconds / 900) + 0.3 * smoothNoise(~seed, seconds / 70)
      return -peakW * clearSky(hour) * (1 - noise * Math.max(0, cloud))
    }
    const flicker = 0.7 * smoothNoise(seed, seconds / 400) + 0.3 * smoothNoise(~seed, seconds / 40)
    const plainW = baseW + (peakW - baseW) * shapeAt(shape, hour) + noise * peakW * flicker
    return Math.min(Math.max(plainW, 0), Math.max(peakW, baseW))
  }

  let started = false
  let importWh = 0
  let exportWh = 0
  const load: SimLoad = {
    node,
    powerW: 0,
    re: ZERO,
    im: ZERO,
    get importWh() {
      return importWh
    },
    get exportWh() {
      return exportWh
    },
    step: (day, hour, dtS) => {
      const wantedW = targetW(day, hour)
      const stepW = started ? maxSlopeW * dtS : Infinity
      started = true
      load.powerW += Math.min(Math.max(wantedW - load.powerW, -stepW), stepW)
      load.re = perPhase((phase) => factors.re[phase] * load.powerW)
      load.im = perPhase((phase) => factors.im[phase] * load.powerW)
      const wh = (load.powerW * dtS) / 3600
      if (wh >= 0) importWh += wh
      else exportWh -= wh
    },
  }
  return load
}
