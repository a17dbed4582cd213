import { HOLIDAY_LISTS } from '../engine/holiday-lists.ts'
import type { HolidayRule } from '../engine/holidays.ts'
import { createCalendar, compileWhen, type Calendar, type When } from './calendar.ts'
import { compileFormula, type Formula } from './formula.ts'
import type {
  DemandChargeFile,
  EnergyChargeFile,
  SubscriptionFile,
  TariffFile,
  WhenFile,
} from './schema.ts'
import type { Path, Report } from './semantics.ts'

export interface Tier {
  /** `Infinity` for the rest. */
  readonly upToKwh: number
  readonly price: number
}

export type Pricing =
  | { readonly kind: 'flat'; readonly price: number }
  | { readonly kind: 'tiers'; readonly tiers: readonly Tier[] }
  | { readonly kind: 'formula'; readonly formula: Formula }

/** A charge per kWh. `whens[i]` says when `rates[i]` applies; the first that holds does. */
export interface EnergyCharge {
  readonly name: string
  readonly rates: readonly { readonly label: string; readonly pricing: Pricing }[]
  readonly whens: readonly (When | null)[]
  readonly tierPeriod: 'month' | 'year'
  /** Cut of its spans for formulas, minutes; 0 = none. */
  readonly everyMin: number
}

/** A peak to watch: which windows count, and with which weight. */
export interface PeakRule {
  readonly windowMin: number
  readonly counts: readonly [When | null]
  readonly weights: readonly (When | null)[]
  readonly factors: readonly number[]
}

export interface DemandRule extends PeakRule {
  readonly charge: DemandChargeFile
  /** What its ratchet looks at; `null` = the windows of the charge, or no ratchet. */
  readonly ratchet: PeakRule | null
}

export interface SubscriptionRule {
  readonly charge: SubscriptionFile
  readonly overage: PeakRule | null
}

/** A tariff file, checked and ready to price. Immutable; keeps the calendar it has worked out. */
export interface Tariff {
  readonly file: TariffFile
  readonly calendar: Calendar
  readonly energy: readonly EnergyCharge[]
  readonly exports: readonly EnergyCharge[]
  /** Grams per kWh as a price. */
  readonly carbon: EnergyCharge | null
  readonly demand: readonly DemandRule[]
  readonly subscriptions: readonly SubscriptionRule[]
}

const holidayRules = (file: TariffFile): HolidayRule[] => {
  const { list, add = [], remove = [] } = file.holidays ?? {}
  const listed = list === undefined ? [] : HOLIDAY_LISTS[list]
  return [...listed.filter(({ name }) => !remove.includes(name)), ...add]
}

type Forms = Pick<EnergyChargeFile, 'price' | 'tiers' | 'formula'>

/**
 * Makes a checked file ready. Formulas are compiled here, so their faults are reported here.
 *
 * @param file has passed `schemaProblems` and `checkMeaning`
 */
export const compileTariff = async (file: TariffFile, report: Report): Promise<Tariff> => {
  const seasons = file.seasons ?? {}
  const ready = (when: WhenFile | undefined): When | null => compileWhen(when, seasons)

  const pricingOf = async (forms: Forms, path: Path): Promise<Pricing> => {
    if (forms.tiers) {
      return {
        kind: 'tiers',
        tiers: forms.tiers.map(({ upToKwh = Infinity, price }) => ({ upToKwh, price })),
      }
    }
    if (forms.formula === undefined) return { kind: 'flat', price: forms.price ?? 0 }
    try {
      const formula = await compileFormula(forms.formula, file.constants ?? {})
      if (formula.usesSpot && !file.spot) {
        report(path, 'uses spot: say under "spot" which market it is and what to assume')
      }
      return { kind: 'formula', formula }
    } catch (error) {
      report([...path, 'formula'], error instanceof Error ? error.message : String(error))
      return { kind: 'flat', price: 0 }
    }
  }

  const energyOf = async (charge: EnergyChargeFile, path: Path): Promise<EnergyCharge> => {
    const rates = []
    for (const [i, rate] of (charge.rates ?? []).entries()) {
      rates.push({
        label: rate.label ?? '',
        pricing: await pricingOf(rate, [...path, 'rates', i]),
      })
    }
    if (!charge.rates) rates.push({ label: '', pricing: await pricingOf(charge, path) })
    const steps = rates.flatMap(({ pricing }) =>
      pricing.kind === 'formula' && pricing.formula.everyMin > 0 ? [pricing.formula.everyMin] : [],
    )
    return {
      name: charge.name,
      rates,
      whens: charge.rates ? charge.rates.map((rate) => ready(rate.when)) : [null],
      tierPeriod: charge.tierPeriod ?? 'month',
      everyMin: steps.length === 0 ? 0 : Math.min(...steps),
    }
  }

  const group = async (key: 'energy' | 'export'): Promise<EnergyCharge[]> => {
    const charges = []
    for (const [i, charge] of (file[key] ?? []).entries()) {
      charges.push(await energyOf(charge, [key, i]))
    }
    return charges
  }

  const peakOf = (
    charge: Pick<DemandChargeFile, 'windowMin' | 'when'> & {
      readonly weights?: readonly { when: WhenFile; factor: number }[]
    },
  ): PeakRule => ({
    windowMin: charge.windowMin,
    counts: [ready(charge.when)],
    weights: (charge.weights ?? []).map(({ when }) => ready(when)),
    factors: (charge.weights ?? []).map(({ factor }) => factor),
  })

  return {
    file,
    calendar: createCalendar(file, holidayRules(file)),
    energy: await group('energy'),
    exports: await group('export'),
    carbon: file.carbon
      ? {
          name: 'Carbon',
          rates: file.carbon.rates.map(({ gramsPerKwh }) => ({
            label: '',
            pricing: { kind: 'flat', price: gramsPerKwh },
          })),
          whens: file.carbon.rates.map(({ when }) => ready(when)),
          tierPeriod: 'month',
          everyMin: 0,
        }
      : null,
    demand: (file.demand ?? []).map((charge) => ({
      charge,
      ...peakOf(charge),
      ratchet: charge.ratchet?.when ? peakOf({ ...charge, when: charge.ratchet.when }) : null,
    })),
    subscriptions: (file.subscriptions ?? []).map((charge) => ({
      charge,
      overage: charge.overage ? peakOf(charge.overage) : null,
    })),
  }
}
