import type { InvoiceLine } from './invoice.ts'
import { currencyDigits, sumMoney } from './money.ts'
import { periodFactor, type Share } from './power-lines.ts'
import type { Tariff } from './tariff.ts'
import { taxableCharges, taxAmounts } from './taxes.ts'

/** Standing charges of a billing period, one line each. */
export const fixedLines = (
  tariff: Tariff,
  share: Share,
  prorate: boolean,
  round: (amount: number) => number,
): InvoiceLine[] =>
  (tariff.file.fixed ?? []).map(({ name, price, per = 'month' }) => {
    const factor = periodFactor(per, share, prorate)
    return {
      kind: 'fixed',
      charge: name,
      label: '',
      period: share.period.label,
      quantity: factor * (per === 'year' ? 12 : 1),
      unit: per === 'day' ? 'day' : 'month',
      price: per === 'year' ? price / 12 : price,
      amount: round(price * factor),
      because: null,
      windows: [],
    }
  })

/** Taxes of a billing period, taken of its rounded lines. */
export const taxLines = (
  { file }: Tariff,
  share: Share,
  lines: readonly InvoiceLine[],
  round: (amount: number) => number,
): InvoiceLine[] => {
  const digits = currencyDigits(file.currency)
  const amountOf = (name: string): number =>
    sumMoney(
      lines.filter(({ charge }) => charge === name).map(({ amount }) => amount),
      digits,
    )
  return taxAmounts(file, taxableCharges(file), amountOf, round).map(
    ({ name, base, rate, amount }) => ({
      kind: 'tax',
      charge: name,
      label: '',
      period: share.period.label,
      quantity: base,
      unit: 'base',
      price: rate,
      amount,
      because: null,
      windows: [],
    }),
  )
}
