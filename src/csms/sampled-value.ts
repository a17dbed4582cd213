/**
 * One sampled value as it is kept: `[measurand, phase, unit, value]`, in base units. The measurand
 * carries its place where that is not the outlet (`Power.Active.Import@Inlet`); phase and unit are
 * empty when there is none. Signed data keep their payload as they came, with the unit `signed`.
 */
export type MeterValue = readonly [
  measurand: string,
  phase: string,
  unit: string,
  value: number | string,
]

/** What a station measured at one moment. */
export interface MeterSet {
  /** By the station's own clock; `null` when it gave none. */
  readonly statedMs: number | null
  /** OCPP ReadingContextEnumType, the same of all values. */
  readonly context: string
  readonly values: readonly MeterValue[]
}

interface OpenSet extends MeterSet {
  readonly values: MeterValue[]
}

/** Collects the sampled values of one message: one set for each moment and context. */
export const createSets = () => {
  const sets: OpenSet[] = []
  let first = 0
  return {
    sets: sets as readonly MeterSet[],
    /** The values that follow are of another moment. */
    next: (): void => {
      first = sets.length
    },
    /** The list to which values of this moment and context belong. */
    at: (statedMs: number | null, context: string | undefined): MeterValue[] => {
      const wanted = context ?? DEFAULT_CONTEXT
      for (let index = first; index < sets.length; index++)
        if (sets[index].context === wanted) return sets[index].values
      const values: MeterValue[] = []
      sets.push({ statedMs, context: wanted, values })
      return values
    },
  }
}

/** What was at the beginning of the transaction, whenever it is sent (OCPP 1.6, 7.35). */
export const BEGIN_CONTEXT = 'Transaction.Begin'
export const END_CONTEXT = 'Transaction.End'

export const DEFAULT_MEASURAND = 'Energy.Active.Import.Register'
const DEFAULT_CONTEXT = 'Sample.Periodic'

interface Scale {
  readonly unit: string
  readonly factor: number
}

const scales: readonly (readonly [string, string, number])[] = [
  ['Wh', 'Wh', 1],
  ['kWh', 'Wh', 1e3],
  ['varh', 'varh', 1],
  ['kvarh', 'varh', 1e3],
  ['VAh', 'VAh', 1],
  ['kVAh', 'VAh', 1e3],
  ['W', 'W', 1],
  ['kW', 'W', 1e3],
  ['VA', 'VA', 1],
  ['kVA', 'VA', 1e3],
  ['var', 'var', 1],
  ['kvar', 'var', 1e3],
  ['A', 'A', 1],
  ['kA', 'A', 1e3],
  ['V', 'V', 1],
  ['kV', 'V', 1e3],
  ['Percent', 'Percent', 1],
  ['%', 'Percent', 1],
  ['Celsius', 'Celsius', 1],
  // OCPP 1.6 errata-J 2.1: central systems accept both spellings.
  ['Celcius', 'Celsius', 1],
  ['K', 'K', 1],
  ['Fahrenheit', 'Fahrenheit', 1],
  ['Hz', 'Hz', 1],
  ['Hertz', 'Hz', 1],
]

/** Exact spellings first, then any case. The prefixes M and m differ only in case: exact only. */
const SCALES: ReadonlyMap<string, Scale> = new Map<string, Scale>([
  ...scales.map(([name, unit, factor]) => [name.toLowerCase(), { unit, factor }] as const),
  ...scales.map(([name, unit, factor]) => [name, { unit, factor }] as const),
  ['MWh', { unit: 'Wh', factor: 1e6 }],
  ['MW', { unit: 'W', factor: 1e6 }],
  ['mA', { unit: 'A', factor: 1e-3 }],
])

const scaleOf = (unit: string): Scale | undefined =>
  SCALES.get(unit) ?? SCALES.get(unit.trim().toLowerCase())

export const isUnit = (text: string): boolean => scaleOf(text) !== undefined

const units: Record<string, readonly string[]> = {
  Wh: [
    'Energy.Active.Import.Register',
    'Energy.Active.Export.Register',
    'Energy.Active.Import.Interval',
    'Energy.Active.Export.Interval',
    'Energy.Active.Net',
  ],
  varh: [
    'Energy.Reactive.Import.Register',
    'Energy.Reactive.Export.Register',
    'Energy.Reactive.Import.Interval',
    'Energy.Reactive.Export.Interval',
    'Energy.Reactive.Net',
  ],
  VAh: ['Energy.Apparent.Import', 'Energy.Apparent.Export', 'Energy.Apparent.Net'],
  W: ['Power.Active.Import', 'Power.Active.Export', 'Power.Offered'],
  var: ['Power.Reactive.Import', 'Power.Reactive.Export'],
  A: ['Current.Import', 'Current.Export', 'Current.Offered'],
  V: ['Voltage'],
  Percent: ['SoC'],
  Hz: ['Frequency'],
}

const UNIT_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(units).flatMap(([unit, measurands]) =>
    measurands.map((measurand) => [measurand, unit] as const),
  ),
)

/**
 * Brings a value to base units. A missing unit is that of the measurand, and so is a unit of another
 * kind, its prefix kept (OCPP 1.6 defaults to Wh whatever is measured, and stations label power
 * "kWh"). Returns `null` for what is not a number.
 */
export const normalise = (
  measurand: string,
  phase: string | undefined,
  unit: string | undefined,
  location: string | undefined,
  value: number,
): MeterValue | null => {
  if (!Number.isFinite(value)) return null
  const expected = UNIT_OF.get(measurand)
  const scale = unit === undefined ? undefined : scaleOf(unit)
  const name =
    location === 'Inlet' || (location === 'EV' && measurand !== 'SoC')
      ? `${measurand}@${location}`
      : measurand
  return [
    name,
    phase ?? '',
    expected ?? scale?.unit ?? unit ?? '',
    scale === undefined || scale.factor === 1 ? value : value * scale.factor,
  ]
}

/** Signed meter data (OCA whitepaper): kept untouched for who must verify it. */
export const signed = (measurand: string, phase: string | undefined, data: string): MeterValue => [
  measurand,
  phase ?? '',
  'signed',
  data,
]

/** The energy register among the values of a context, Wh. */
export const registerAt = (sets: readonly MeterSet[], context: string): number | null => {
  for (const set of sets) {
    if (set.context !== context) continue
    for (const [measurand, phase, , value] of set.values) {
      if (measurand === DEFAULT_MEASURAND && phase === '' && typeof value === 'number') return value
    }
  }
  return null
}

/** The last register of the sets, Wh, but for what was at the beginning. */
export const lastRegister = (sets: readonly MeterSet[]): number | null =>
  sets.reduce<number | null>(
    (found, set) =>
      set.context === BEGIN_CONTEXT ? found : (registerAt([set], set.context) ?? found),
    null,
  )
