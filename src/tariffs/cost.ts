import type { PriceSeries } from '../domain/price.ts'
import { billingPeriods, localDaysIn, type BillingPeriod } from './billing-period.ts'
import type { DemandHistory, MeasuredPeak, MonthPeak } from './demand.ts'
import { energyLines, type TierUse } from './energy-lines.ts'
import { fixedLines, taxLines } from './fixed-lines.ts'
import type { Invoice, InvoiceLine, InvoiceProblem } from './invoice.ts'
import { readMeter, type Meter, type MeteredSeries } from './meter.ts'
import { currencyDigits, roundMoney, sumMoney } from './money.ts'
import { demandLine, subscriptionLines, type Share } from './power-lines.ts'
import { findProblems, type Findings } from './problems.ts'
import { pricedSpans } from './rate.ts'
import type { EnergyCharge, Tariff } from './tariff.ts'

export interface CostOptions {
  /** Market price for formulas, currency per kWh. */
  readonly spot?: PriceSeries
  /** Contracted power per subscription, kW; else what the file says. */
  readonly contractedKw?: Readonly<Record<string, number>>
  /** Peaks of the months before the metered ones, for averages and ratchets. */
  readonly history?: DemandHistory
  /** kWh that block rates had counted before the first step, per charge. */
  readonly usedKwh?: Readonly<Record<string, number>>
  /** Instants in the windows that the operator named as system peaks. */
  readonly coincidentPeaksMs?: readonly number[]
  /** First day of a billing period, 1..28. */
  readonly billingDay?: number
  /**
   * For a period that is metered in part: `fixed` (the default) bills standing charges and
   * contracted power by the day and peaks in full, `all` bills both by the day, `none` both in
   * full.
   */
  readonly prorate?: 'none' | 'fixed' | 'all'
  /** With the file's percentage taxes (the default). */
  readonly taxes?: boolean
}

/** What is carried from one billing period to the next. */
interface Carried {
  readonly tiers: Map<EnergyCharge, TierUse>
  readonly peaks: Map<string, MonthPeak[]>
}

interface Context {
  readonly tariff: Tariff
  readonly meter: Meter
  readonly options: CostOptions
  readonly prorate: { readonly fixed: boolean; readonly demand: boolean }
  readonly round: (amount: number) => number
  readonly carried: Carried
  readonly findings: Findings
}

const linesPerKwh = (context: Context, share: Share, first: boolean): InvoiceLine[] => {
  const { tariff, meter, options, round, carried, findings } = context
  const spot = options.spot?.segments ?? []
  let unpricedKwh = 0
  const linesOfCharge = (
    charge: EnergyCharge,
    kind: 'energy' | 'export',
  ): readonly InvoiceLine[] => {
    const use = carried.tiers.get(charge)!
    // What was used before the first step belongs to the first period.
    if (!first && (charge.tierPeriod === 'month' || share.period.newYear)) use.usedKwh = 0
    const found = energyLines(
      tariff,
      charge,
      kind,
      share.period,
      share,
      (fromMs, toMs) =>
        (kind === 'energy' ? meter.importWh(fromMs, toMs) : meter.exportWh(fromMs, toMs)) / 1000,
      spot,
      use,
      round,
    )
    unpricedKwh = Math.max(unpricedKwh, found.unpricedKwh)
    return found.lines
  }
  const lines = [
    ...tariff.energy.flatMap((charge) => linesOfCharge(charge, 'energy')),
    ...tariff.exports.flatMap((charge) => linesOfCharge(charge, 'export')),
  ]
  // Several charges may miss the same market price.
  findings.unpricedKwh += unpricedKwh
  return lines
}

const linesPerKw = (context: Context, share: Share): InvoiceLine[] => {
  const { tariff, meter, options, prorate, round, carried, findings } = context
  const lines: InvoiceLine[] = []
  const remember = (name: string, windowMin: number, peak: MeasuredPeak | null): void => {
    if (!peak) return
    carried.peaks.get(name)!.push(peak)
    findings.incompleteWindows += peak.partial + peak.skipped
    findings.windowMin = Math.min(findings.windowMin, windowMin)
  }
  for (const rule of tariff.demand) {
    const { name, windowMin } = rule.charge
    const months = carried.peaks.get(name)!
    const named = options.coincidentPeaksMs ?? []
    const { line, measured } = demandLine(
      tariff,
      rule,
      meter,
      share,
      months,
      named,
      prorate.demand,
      round,
    )
    if (line) lines.push(line)
    else if (rule.charge.coincident && named.length === 0) findings.withoutCoincident.add(name)
    remember(name, windowMin, measured)
  }
  for (const rule of tariff.subscriptions) {
    const { name, kw, overage } = rule.charge
    const agreed = options.contractedKw?.[name] ?? kw
    const found = subscriptionLines(tariff, rule, meter, share, agreed, prorate, round)
    lines.push(...found.lines)
    remember(name, overage?.windowMin ?? Infinity, found.measured)
  }
  return lines
}

const ORDER: readonly InvoiceLine['kind'][] = [
  'energy',
  'demand',
  'subscription',
  'overage',
  'fixed',
  'export',
]

const linesOf = (context: Context, share: Share, first: boolean): InvoiceLine[] => {
  const { tariff, options, prorate, round } = context
  const lines = [
    ...linesPerKwh(context, share, first),
    ...linesPerKw(context, share),
    ...fixedLines(tariff, share, prorate.fixed, round),
  ].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  return options.taxes === false ? lines : [...lines, ...taxLines(tariff, share, lines, round)]
}

const carbonKg = ({ tariff, meter }: Context): number | null => {
  if (!tariff.carbon) return null
  const grams = pricedSpans(tariff, tariff.carbon, meter.startMs, meter.endMs, []).reduce(
    (sum, { startMs, endMs, price }) => sum + (meter.importWh(startMs, endMs) / 1000) * price!,
    0,
  )
  return grams / 1000
}

const shareOf = (tariff: Tariff, meter: Meter, period: BillingPeriod): Share => {
  const fromMs = Math.max(meter.startMs, period.startMs)
  const toMs = Math.min(meter.endMs, period.endMs)
  return { period, fromMs, toMs, days: localDaysIn(tariff.calendar, fromMs, toMs) }
}

/**
 * Prices metered energy: an invoice with one line per rate, block, peak, subscription, standing
 * charge, credit and tax for every billing month. What is not known is reported in `problems`,
 * never taken as zero in silence.
 *
 * Rounding: kWh, kW and days are exact; each line is rounded once, half away from zero, to the
 * currency's smallest unit; a tax is taken of the rounded lines and rounded; totals are sums of
 * rounded lines. O(steps + windows + changes of price).
 *
 * @param metered one recording, or pieces of one in any order
 * @throws AppError `payload-invalid` when the recording makes no sense
 */
export const costOf = (
  tariff: Tariff,
  metered: MeteredSeries | readonly MeteredSeries[],
  options: CostOptions = {},
): Invoice => {
  const { file } = tariff
  const meter = readMeter(metered)
  const digits = currencyDigits(file.currency)
  const prorate = options.prorate ?? 'fixed'
  const periods = billingPeriods(tariff.calendar, meter.startMs, meter.endMs, options.billingDay)
  const shares = periods.map((period) => shareOf(tariff, meter, period))
  const earlier = ({ startMs }: MonthPeak): boolean => startMs < periods[0].startMs
  const context: Context = {
    tariff,
    meter,
    options,
    prorate: { fixed: prorate !== 'none', demand: prorate === 'all' },
    round: (amount) => roundMoney(amount, digits),
    carried: {
      tiers: new Map(
        [...tariff.energy, ...tariff.exports].map((charge) => [
          charge,
          { usedKwh: options.usedKwh?.[charge.name] ?? 0 },
        ]),
      ),
      peaks: new Map(
        [...tariff.demand, ...tariff.subscriptions].map(({ charge }) => [
          charge.name,
          (options.history?.[charge.name]?.months ?? []).filter(earlier),
        ]),
      ),
    },
    findings: {
      unpricedKwh: 0,
      incompleteWindows: 0,
      windowMin: Infinity,
      withoutCoincident: new Set(),
    },
  }
  const lines = shares.flatMap((share, i) => linesOf(context, share, i === 0))
  const sum = (wanted: (line: InvoiceLine) => boolean): number =>
    sumMoney(
      lines.filter(wanted).map(({ amount }) => amount),
      digits,
    )
  const problems: InvoiceProblem[] = findProblems(tariff, meter, shares, context.findings)
  return {
    tariffId: file.id,
    tariffName: file.name,
    currency: file.currency,
    timeZone: file.timeZone,
    startMs: meter.startMs,
    endMs: meter.endMs,
    importKwh: meter.importWh(meter.startMs, meter.endMs) / 1000,
    exportKwh: meter.exportWh(meter.startMs, meter.endMs) / 1000,
    carbonKg: carbonKg(context),
    lines,
    net: sum(({ kind }) => kind !== 'tax'),
    tax: sum(({ kind }) => kind === 'tax'),
    total: sum(() => true),
    problems,
    unverified: unverifiedCharges(tariff),
  }
}

/** Names of the charges whose figures were not read in a source. */
export const unverifiedCharges = ({ file }: Tariff): string[] =>
  [file.energy, file.export, file.demand, file.subscriptions, file.fixed, file.taxes].flatMap(
    (group) =>
      (group ?? []).filter((charge) => !(charge.verified ?? file.verified)).map(({ name }) => name),
  )
