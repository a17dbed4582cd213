import type { PerPhase } from '../domain/phases.ts'
import type { Quality, Reading } from '../domain/reading.ts'
import { AppError } from '../errors.ts'

export const PHASE_QUANTITIES = ['currentA', 'powerPerPhaseW', 'voltageV'] as const
export const SCALAR_QUANTITIES = [
  'powerW',
  'energyImportWh',
  'energyExportWh',
  'frequencyHz',
  'soc',
] as const

export type PhaseQuantity = (typeof PHASE_QUANTITIES)[number]
export type ScalarQuantity = (typeof SCALAR_QUANTITIES)[number]
export type Quantity = PhaseQuantity | ScalarQuantity

export const QUANTITIES: readonly Quantity[] = [...PHASE_QUANTITIES, ...SCALAR_QUANTITIES]

/** What limits are checked against: a reading that should have them is worthless without. */
export const VITAL: readonly Quantity[] = ['currentA', 'powerW', 'powerPerPhaseW']

export const isPhaseQuantity = (quantity: Quantity): quantity is PhaseQuantity =>
  (PHASE_QUANTITIES as readonly string[]).includes(quantity)

const DIMENSIONS: Readonly<Record<Quantity, string>> = {
  currentA: 'current',
  powerPerPhaseW: 'power',
  voltageV: 'voltage',
  powerW: 'power',
  energyImportWh: 'energy',
  energyExportWh: 'energy',
  frequencyHz: 'frequency',
  soc: 'ratio',
}

/** Unit -> what it measures and how many of ours it is. */
export const UNITS = {
  mA: { dimension: 'current', factor: 1e-3 },
  A: { dimension: 'current', factor: 1 },
  V: { dimension: 'voltage', factor: 1 },
  kV: { dimension: 'voltage', factor: 1e3 },
  W: { dimension: 'power', factor: 1 },
  kW: { dimension: 'power', factor: 1e3 },
  MW: { dimension: 'power', factor: 1e6 },
  Wh: { dimension: 'energy', factor: 1 },
  kWh: { dimension: 'energy', factor: 1e3 },
  MWh: { dimension: 'energy', factor: 1e6 },
  Hz: { dimension: 'frequency', factor: 1 },
  percent: { dimension: 'ratio', factor: 1e-2 },
  fraction: { dimension: 'ratio', factor: 1 },
} as const

export type Unit = keyof typeof UNITS

const BY_LOWER_CASE: ReadonlyMap<string, Unit> = new Map(
  (Object.keys(UNITS) as Unit[])
    // m and M differ by nine powers of ten: those only as they are written here.
    .filter((name) => !/^m/i.test(name))
    .map((name) => [name.toLowerCase(), name] as const),
)

/** The unit that a text behind a number names; `null` = not one of ours. */
export const unitNamed = (text: string): Unit | null => {
  if (Object.hasOwn(UNITS, text)) return text as Unit
  return text === '%' ? 'percent' : (BY_LOWER_CASE.get(text.toLowerCase()) ?? null)
}

export interface Scale {
  readonly unit: Unit
  /** -1 for a meter that counts export (or, at a source, production) as positive. 1 by default. */
  readonly sign?: 1 | -1
}

export interface CurrentScale {
  readonly unit: Unit
  /**
   * `as-power`: the meter gives currents without direction; they take the sign of the power of
   * the same phase, or of the total power where that is all there is.
   */
  readonly sign?: 1 | -1 | 'as-power'
}

/**
 * How many of our unit (A, V, W, Wh, Hz, fraction) one of the meter's is, with its sign.
 *
 * @param where path of the setting, for the message
 * @throws AppError `config-invalid` when the unit measures something else
 */
export const factorOf = (
  where: string,
  quantity: Quantity,
  scale: Scale | CurrentScale,
): number => {
  const wanted = DIMENSIONS[quantity]
  const unit: { dimension: string; factor: number } | undefined = UNITS[scale.unit]
  if (unit?.dimension !== wanted) {
    const fitting = Object.entries(UNITS)
      .filter(([, { dimension }]) => dimension === wanted)
      .map(([name]) => name)
    throw new AppError(
      'config-invalid',
      `${where}: ${scale.unit} is not a unit of ${wanted}; use ${fitting.join(' or ')}`,
    )
  }
  return scale.sign === -1 ? -unit.factor : unit.factor
}

const RANK: Readonly<Record<Quality, number>> = { good: 0, uncertain: 1, suspect: 2, bad: 3 }

export const worst = (a: Quality, b: Quality): Quality => (RANK[a] >= RANK[b] ? a : b)

/** The quantities that a value map names. */
export const quantitiesOf = (
  values: Readonly<Partial<Record<Quantity, unknown>>>,
): ReadonlySet<Quantity> => new Set(QUANTITIES.filter((quantity) => values[quantity] !== undefined))

/** A reading under construction. */
export type ReadingDraft = { -readonly [K in keyof Reading]: Reading[K] }

/** A quantity's value; the caller guarantees that a phase quantity gets a triple. */
export const setQuantity = (
  draft: ReadingDraft,
  quantity: Quantity,
  value: number | PerPhase,
): void => {
  ;(draft as Record<Quantity, number | PerPhase>)[quantity] = value
}
