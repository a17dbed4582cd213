import type { PriceSegment } from '../domain/price.ts'
import { AppError } from '../errors.ts'
import { firstEndingAfter, type CalendarDay, type Span } from './calendar.ts'
import type { Formula, FormulaVariables } from './formula.ts'
import type { EnergyCharge, Pricing, Tariff } from './tariff.ts'

/** A stretch with one price of one charge. */
export interface PricedSpan {
  readonly startMs: number
  readonly endMs: number
  /** Index into the charge's rates; -1 = the charge asks nothing here. */
  readonly rate: number
  /** Currency per kWh; `null` = the market price that it needs is not known. */
  readonly price: number | null
}

const MIN_MS = 60_000

/** The rates of a charge over time: they tile [fromMs, toMs). */
export const rateSpans = (
  tariff: Tariff,
  charge: EnergyCharge,
  fromMs: number,
  toMs: number,
): Span[] => tariff.calendar.spans(charge.whens, fromMs, toMs, charge.everyMin)

/** Price of the next kWh when so many were used in this month or year. */
export const tierPrice = (pricing: Pricing & { kind: 'tiers' }, usedKwh: number): number => {
  const tier = pricing.tiers.find(({ upToKwh }) => usedKwh < upToKwh)
  return (tier ?? pricing.tiers.at(-1)!).price
}

/** What the local clock and calendar show at an instant of the day. */
const variablesAt = (day: CalendarDay, atMs: number): FormulaVariables => {
  const piece = day.pieces.findLast(({ startMs }) => startMs <= atMs) ?? day.pieces[0]
  const minutes = piece.wallMin + Math.floor((atMs - piece.startMs) / MIN_MS)
  return {
    spot: 0,
    hour: Math.floor(minutes / 60),
    minute: Math.floor((minutes % 60) / 15) * 15,
    month: day.month,
    weekday: day.weekday,
    workday: day.weekday <= 5 && day.holiday === null ? 1 : 0,
    holiday: day.holiday === null ? 0 : 1,
  }
}

/** Cuts a span where the market price changes; where it is unknown the price is `null`. */
const cutBySpot = (
  span: Span,
  spot: readonly PriceSegment[],
  priceOf: (spot: number) => number,
): PricedSpan[] => {
  const cut: PricedSpan[] = []
  const add = (startMs: number, endMs: number, price: number | null): void => {
    if (startMs < endMs) cut.push({ startMs, endMs, rate: span.index, price })
  }
  let at = span.startMs
  for (let i = firstEndingAfter(spot, at); i < spot.length; i++) {
    const { startMs, endMs, value } = spot[i]
    if (startMs >= span.endMs) break
    add(at, Math.min(startMs, span.endMs), null)
    at = Math.max(at, startMs)
    add(at, Math.min(endMs, span.endMs), priceOf(value))
    at = Math.min(endMs, span.endMs)
  }
  add(at, span.endMs, null)
  return cut
}

/**
 * Prices of one charge, tiling [fromMs, toMs), exact at clock changes. O(days + changes of price).
 *
 * @throws AppError `config-invalid` when a formula gives no finite number
 * @param spot market price, ascending and not overlapping; only formulas look at it
 * @param usedKwh what block rates have counted already
 */
export const pricedSpans = (
  tariff: Tariff,
  charge: EnergyCharge,
  fromMs: number,
  toMs: number,
  spot: readonly PriceSegment[],
  usedKwh = 0,
): PricedSpan[] => {
  const days = charge.rates.some(({ pricing }) => pricing.kind === 'formula')
    ? tariff.calendar.days(fromMs, toMs)
    : []
  let dayIndex = 0
  const byFormula = (span: Span, formula: Formula): PricedSpan[] => {
    while (days[dayIndex].endMs <= span.startMs) dayIndex += 1
    const variables = variablesAt(days[dayIndex], span.startMs)
    const priceOf = (value: number): number => {
      variables.spot = value
      const price = formula.evaluate(variables)
      if (Number.isFinite(price)) return price
      throw new AppError(
        'config-invalid',
        `tariff ${tariff.file.id}: the formula "${formula.text}" of "${charge.name}" gives ` +
          `${price} at ${new Date(span.startMs).toISOString()} with spot = ${value}`,
      )
    }
    return formula.usesSpot
      ? cutBySpot(span, spot, priceOf)
      : [{ ...bounds(span), rate: span.index, price: priceOf(0) }]
  }
  return rateSpans(tariff, charge, fromMs, toMs).flatMap((span) => {
    if (span.index < 0) return [{ ...bounds(span), rate: -1, price: 0 }]
    const { pricing } = charge.rates[span.index]
    switch (pricing.kind) {
      case 'flat':
        return [{ ...bounds(span), rate: span.index, price: pricing.price }]
      case 'tiers':
        return [{ ...bounds(span), rate: span.index, price: tierPrice(pricing, usedKwh) }]
      case 'formula':
        return byFormula(span, pricing.formula)
    }
  })
}

const bounds = ({ startMs, endMs }: Span): { startMs: number; endMs: number } => ({
  startMs,
  endMs,
})

/** What the tariff calls this instant, and until when: one entry per charge per kWh. */
export const ratesAt = (
  tariff: Tariff,
  atMs: number,
): { charge: string; label: string | null; untilMs: number }[] => {
  const horizonMs = atMs + 370 * 86_400_000
  return tariff.energy.map((charge) => {
    const [now] = tariff.calendar.spans(charge.whens, atMs, horizonMs)
    return {
      charge: charge.name,
      label: now.index < 0 ? null : charge.rates[now.index].label,
      untilMs: now.endMs,
    }
  })
}

/** The next instant at which any charge per kWh changes its rate; `null` = none within a year. */
export const nextChange = (tariff: Tariff, atMs: number): number | null => {
  const next = Math.min(...ratesAt(tariff, atMs).map(({ untilMs }) => untilMs))
  return Number.isFinite(next) && next < atMs + 370 * 86_400_000 ? next : null
}
