import type { PriceSegment } from '../domain/price.ts'
import type { BillingPeriod } from './billing-period.ts'
import type { InvoiceLine } from './invoice.ts'
import { pricedSpans } from './rate.ts'
import type { EnergyCharge, Pricing, Tariff } from './tariff.ts'

/** What block rates have counted since the start of the month or year. */
export interface TierUse {
  usedKwh: number
}

interface Tally {
  /** Place in the file: rate, then block. */
  order: number
  kwh: number
  amount: number
}

/** Spreads energy over the blocks, from where counting stands. Yields [block, kWh]. */
const intoTiers = (
  pricing: Pricing & { kind: 'tiers' },
  use: TierUse,
  kwh: number,
): [number, number][] => {
  const parts: [number, number][] = []
  let left = kwh
  for (const [i, { upToKwh }] of pricing.tiers.entries()) {
    const room = upToKwh - use.usedKwh
    if (room <= 0) continue
    const part = Math.min(left, room)
    parts.push([i, part])
    use.usedKwh += part
    left -= part
    if (left <= 0) break
  }
  return parts
}

const tierLabel = (pricing: Pricing & { kind: 'tiers' }, tier: number, label: string): string => {
  const from = tier === 0 ? 0 : pricing.tiers[tier - 1].upToKwh
  const to = pricing.tiers[tier].upToKwh
  const block = to === Infinity ? `above ${from} kWh` : `${from} to ${to} kWh`
  return label ? `${label}, ${block}` : block
}

export interface EnergyLines {
  readonly lines: readonly InvoiceLine[]
  /** kWh that could not be priced because the market price is not known. */
  readonly unpricedKwh: number
}

/**
 * The lines of one charge per kWh for one billing period: one per rate or block that was used.
 * O(changes of price). Amounts are left unrounded for `round`.
 *
 * @param kwhBetween energy drawn (or fed in) in a stretch
 * @param use carried from period to period by the caller, who resets it
 */
export const energyLines = (
  tariff: Tariff,
  charge: EnergyCharge,
  kind: 'energy' | 'export',
  period: BillingPeriod,
  range: { readonly fromMs: number; readonly toMs: number },
  kwhBetween: (fromMs: number, toMs: number) => number,
  spot: readonly PriceSegment[],
  use: TierUse,
  round: (amount: number) => number,
): EnergyLines => {
  const sign = kind === 'export' ? -1 : 1
  const tallies = new Map<string, Tally>()
  let unpricedKwh = 0
  const tally = (label: string, order: number, kwh: number, price: number): void => {
    const known = tallies.get(label) ?? { order, kwh: 0, amount: 0 }
    known.order = Math.min(known.order, order)
    known.kwh += kwh
    known.amount += kwh * price
    tallies.set(label, known)
  }
  for (const span of pricedSpans(tariff, charge, range.fromMs, range.toMs, spot)) {
    if (span.rate < 0) continue
    const kwh = kwhBetween(span.startMs, span.endMs)
    if (kwh === 0) continue
    const { label, pricing } = charge.rates[span.rate]
    if (pricing.kind === 'tiers') {
      for (const [tier, part] of intoTiers(pricing, use, kwh)) {
        tally(
          tierLabel(pricing, tier, label),
          span.rate + tier / 100,
          part,
          pricing.tiers[tier].price,
        )
      }
    } else if (span.price === null) unpricedKwh += kwh
    else tally(label, span.rate, kwh, span.price)
  }
  const byPlace = [...tallies].sort(([, a], [, b]) => a.order - b.order)
  const lines = byPlace.map(([label, { kwh, amount }]): InvoiceLine => ({
    kind,
    charge: charge.name,
    label,
    period: period.label,
    quantity: kwh,
    unit: 'kWh',
    price: amount / kwh,
    amount: round(sign * amount),
    because: null,
    windows: [],
  }))
  return { lines, unpricedKwh }
}
