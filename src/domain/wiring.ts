import { perPhase, type PerPhase } from './phases.ts'

/**
 * How the current-carrying terminals of a load are connected to the site's phases.
 * One letter pair: line to neutral. Two: line to line (208 V in North America). Three: all lines;
 * the order is the phase rotation, terminal L1 of the charger first.
 */
export const WIRINGS = [
  'L1',
  'L2',
  'L3',
  'L1L2',
  'L2L3',
  'L3L1',
  'L1L2L3',
  'L2L3L1',
  'L3L1L2',
  'L1L3L2',
  'L3L2L1',
  'L2L1L3',
] as const
export type Wiring = (typeof WIRINGS)[number]

export interface Supply {
  /**
   * `three-phase`: lines 120 degrees apart; `split-phase`: two lines 180 degrees apart;
   * `single-phase`: L1 and neutral only.
   */
  readonly kind: 'three-phase' | 'split-phase' | 'single-phase'
  /** Nominal voltage, line to neutral, in volts (230 in Europe, 120 in North America). */
  readonly voltageV: number
}

/**
 * The current in each line when the load takes one ampere, as a phasor relative to that line's own
 * voltage: `re` in phase, `im` leading. A line-to-line load leads by 30 degrees in one of its lines
 * and lags by 30 degrees in the other, so two such loads add to less than their sum:
 * |I_L1|^2 = L1L2^2 + L3L1^2 + L1L2 * L3L1.
 */
export interface LineCurrent {
  readonly re: PerPhase
  readonly im: PerPhase
}

/** Worked out once: these are asked for every EVSE in every tick. */
const LINES: ReadonlyMap<Wiring, readonly number[]> = new Map(
  WIRINGS.map((wiring) => [
    wiring,
    (wiring.match(/L[123]/g) ?? []).map((line) => Number(line[1]) - 1),
  ]),
)

const lines = (wiring: Wiring): readonly number[] => LINES.get(wiring)!

/** The site phase (0, 1, 2) of each terminal, in terminal order. */
export const terminalPhases = (wiring: Wiring): readonly number[] => lines(wiring)

/** Number of lines that carry current. */
export const lineCount = (wiring: Wiring): 1 | 2 | 3 => lines(wiring).length as 1 | 2 | 3

/** Number of phases as OCPP counts them: a line-to-line load is single-phase. */
export const phaseCount = (wiring: Wiring): 1 | 3 => (lines(wiring).length === 3 ? 3 : 1)

/** Watts drawn per ampere at nominal voltage and unity power factor. */
export const wattsPerAmp = (wiring: Wiring, supply: Supply): number => {
  const count = lines(wiring).length
  if (count === 1) return supply.voltageV
  if (count === 3) return 3 * supply.voltageV
  return supply.voltageV * (supply.kind === 'split-phase' ? 2 : Math.sqrt(3))
}

export const lineCurrent = (wiring: Wiring, supply: Supply): LineCurrent => {
  const used = lines(wiring)
  if (used.length !== 2 || supply.kind !== 'three-phase') {
    return { re: perPhase((p) => (used.includes(p) ? 1 : 0)), im: [0, 0, 0] }
  }
  // Wirings are written so that the first line leads the second by 120 degrees (L1L2, L2L3, L3L1):
  // the line-to-line voltage leads the first line's own voltage by 30 degrees, and its negative
  // lags the second line's by 30 degrees.
  const [first, second] = used
  return {
    re: perPhase((p) => (p === first || p === second ? Math.cos(Math.PI / 6) : 0)),
    im: perPhase((p) => (p === first ? 0.5 : p === second ? -0.5 : 0)),
  }
}

/**
 * The same load seen at the delta side of a transformer whose wye side carries `line`: line p there
 * carries (I_p - I_p-1) / `ratio`, where line p-1 is 120 degrees ahead. Relative to the own line, as
 * `line` itself; the 30 degrees by which the sides differ are the same for all loads.
 */
export const atDeltaSide = (line: LineCurrent, ratio: number): LineCurrent => {
  const cos = -0.5
  const sin = Math.sqrt(3) / 2
  const ahead = (p: 0 | 1 | 2) => (p + 2) % 3
  return {
    re: perPhase((p) => (line.re[p] - cos * line.re[ahead(p)] + sin * line.im[ahead(p)]) / ratio),
    im: perPhase((p) => (line.im[p] - sin * line.re[ahead(p)] - cos * line.im[ahead(p)]) / ratio),
  }
}
