import { perPhase, PHASES, total, type PerPhase } from '../domain/phases.ts'
import type { Reading } from '../domain/reading.ts'
import {
  lineCount,
  terminalPhases,
  wattsPerAmp,
  type Supply,
  type Wiring,
} from '../domain/wiring.ts'
import { worst, type Quantity, type ReadingDraft } from './quantity.ts'

export interface NormaliseOptions {
  readonly supply: Supply
  /** Lines that the metered load is connected to. */
  readonly wiring: Wiring
  /** Above it a reading is a fault of the meter: amperes per phase, watts in total. */
  readonly maxA: number
  readonly maxW: number
}

export interface Normalised {
  readonly reading: Reading
  /** What was worked out from other values of the same reading. */
  readonly derived: readonly Quantity[]
  /** What was thrown away, for people; empty when all is plausible. */
  readonly implausible: readonly string[]
}

/** A source's clock may be ahead of ours by this much; more makes the reading uncertain. */
const MAX_AHEAD_MS = 2_000
/** Of the nominal voltage: outside, a measured voltage is no base for a current. */
const VOLTAGE_RANGE = { low: 0.5, high: 1.5 }

/** The wiring of a meter that names none: all lines of the supply. */
export const fullWiring = ({ kind }: Supply): Wiring => {
  switch (kind) {
    case 'three-phase':
      return 'L1L2L3'
    case 'split-phase':
      return 'L1L2'
    case 'single-phase':
      return 'L1'
  }
}

/** Which quantities a reading has once `normalise` is through with it. */
export const withDerived = (given: ReadonlySet<Quantity>): ReadonlySet<Quantity> => {
  const all = new Set(given)
  if (given.has('powerPerPhaseW') || given.has('currentA')) all.add('powerW')
  if (all.has('powerW')) all.add('currentA')
  return all
}

const describe = (name: string, value: number, limit: string): string =>
  `${name} ${Number.isFinite(value) ? Math.round(value * 100) / 100 : value} is ${limit}`

/** Removes what no meter of this size can measure. */
const removeImplausible = (
  draft: ReadingDraft,
  { maxA, maxW, supply }: NormaliseOptions,
): string[] => {
  const faults: string[] = []
  const maxV = supply.voltageV * 2.5
  const outside = (name: string, value: number, low: number, high: number): boolean => {
    if (value >= low && value <= high) return false
    faults.push(describe(name, value, `not within ${low} and ${high}`))
    return true
  }
  const anyOutside = (name: string, values: PerPhase, low: number, high: number): boolean =>
    values.some((value, phase) => outside(`${name} ${PHASES[phase]}`, value, low, high))
  const { currentA, powerPerPhaseW, voltageV, powerW, energyImportWh, energyExportWh } = draft
  const { frequencyHz, soc } = draft
  if (currentA && anyOutside('currentA', currentA, -maxA, maxA)) delete draft.currentA
  if (powerPerPhaseW && anyOutside('powerPerPhaseW', powerPerPhaseW, -maxW, maxW)) {
    delete draft.powerPerPhaseW
  }
  if (powerW !== undefined && outside('powerW', powerW, -maxW, maxW)) delete draft.powerW
  // The limits of power and current hang on those; the rest may go without spoiling them.
  if (faults.length > 0) draft.quality = 'bad'
  if (voltageV && anyOutside('voltageV', voltageV, 0, maxV)) delete draft.voltageV
  if (energyImportWh !== undefined && outside('energyImportWh', energyImportWh, 0, 1e15)) {
    delete draft.energyImportWh
  }
  if (energyExportWh !== undefined && outside('energyExportWh', energyExportWh, 0, 1e15)) {
    delete draft.energyExportWh
  }
  if (frequencyHz !== undefined && outside('frequencyHz', frequencyHz, 0, 100)) {
    delete draft.frequencyHz
  }
  if (soc !== undefined && outside('soc', soc, 0, 1)) delete draft.soc
  return faults
}

const voltageAt = (draft: ReadingDraft, phase: 0 | 1 | 2, nominalV: number): number | null => {
  const volts = draft.voltageV?.[phase]
  if (volts === undefined) return null
  return volts >= VOLTAGE_RANGE.low * nominalV && volts <= VOLTAGE_RANGE.high * nominalV
    ? volts
    : null
}

/** Currents from powers; `assumed` when more than a measured voltage was needed. */
const currentFrom = (
  draft: ReadingDraft,
  { supply, wiring }: NormaliseOptions,
): { currentA: PerPhase; assumed: boolean } | null => {
  const { powerPerPhaseW, powerW } = draft
  if (powerPerPhaseW) {
    const volts = perPhase((phase) => voltageAt(draft, phase, supply.voltageV) ?? 0)
    const isAssumed = (phase: 0 | 1 | 2): boolean =>
      powerPerPhaseW[phase] !== 0 && volts[phase] === 0
    return {
      currentA: perPhase((phase) => powerPerPhaseW[phase] / (volts[phase] || supply.voltageV)),
      assumed: isAssumed(0) || isAssumed(1) || isAssumed(2),
    }
  }
  if (powerW === undefined) return null
  const lines = terminalPhases(wiring)
  const amps = powerW / wattsPerAmp(wiring, supply)
  return { currentA: perPhase((phase) => (lines.includes(phase) ? amps : 0)), assumed: true }
}

const powerFrom = (
  draft: ReadingDraft,
  currentA: PerPhase,
  { supply, wiring }: NormaliseOptions,
): number =>
  lineCount(wiring) === 2
    ? (total(currentA) / 2) * wattsPerAmp(wiring, supply)
    : total(
        perPhase(
          (phase) =>
            currentA[phase] * (voltageAt(draft, phase, supply.voltageV) ?? supply.voltageV),
        ),
      )

/**
 * Adds what follows from the given values, all at unity power factor: the total of phase powers,
 * power from currents, currents from powers. A current that rests on nominal voltage, or on a total
 * power spread evenly over the lines, makes the reading `uncertain`: the phases may be unequal.
 */
const derive = (draft: ReadingDraft, options: NormaliseOptions): Quantity[] => {
  const derived: Quantity[] = []
  const { powerPerPhaseW, currentA } = draft
  if (draft.powerW === undefined && (powerPerPhaseW || currentA)) {
    draft.powerW = powerPerPhaseW ? total(powerPerPhaseW) : powerFrom(draft, currentA!, options)
    derived.push('powerW')
  }
  const current = currentA ? null : currentFrom(draft, options)
  if (current) {
    draft.currentA = current.currentA
    if (current.assumed) draft.quality = worst(draft.quality, 'uncertain')
    derived.push('currentA')
  }
  return derived
}

/** O(1); pure. A bad reading is passed on as it is: nothing is worked out from it. */
export const normalise = (reading: Reading, options: NormaliseOptions): Normalised => {
  const draft: ReadingDraft = { ...reading }
  const implausible = removeImplausible(draft, options)
  if (draft.measuredAtMs > draft.receivedAtMs) {
    if (draft.measuredAtMs > draft.receivedAtMs + MAX_AHEAD_MS) {
      draft.quality = worst(draft.quality, 'uncertain')
    }
    draft.measuredAtMs = draft.receivedAtMs
  }
  const worked = draft.quality === 'bad' ? [] : derive(draft, options)
  // A plausible total may turn out to be too much for one phase.
  implausible.push(...removeImplausible(draft, options))
  const derived = worked.filter((quantity) => draft[quantity] !== undefined)
  return { reading: draft, derived, implausible }
}
