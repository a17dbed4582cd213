/** Currencies of ISO 4217 without a hundredth. */
const DIGITS: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, ISK: 0, CLP: 0, VND: 0, KWD: 3 }

/** Decimal places in which a currency is billed. */
export const currencyDigits = (currency: string): number => DIGITS[currency] ?? 2

/** A ten-millionth of a cent: what floating point may lose on the way to an exact half. */
const SLACK = 1e-7

/**
 * Rounds to the smallest unit of the currency, halves away from zero (commercial rounding). A value
 * that misses the half only by floating-point dust counts as the half: 1.005 becomes 1.01.
 */
export const roundMoney = (amount: number, digits: number): number => {
  const unit = 10 ** digits
  const rounded = Math.floor(Math.abs(amount) * unit + 0.5 + SLACK) / unit
  return amount < 0 && rounded > 0 ? -rounded : rounded
}

/** Exact sum of amounts that are already rounded. */
export const sumMoney = (amounts: readonly number[], digits: number): number => {
  const unit = 10 ** digits
  return amounts.reduce((sum, amount) => sum + Math.round(amount * unit), 0) / unit
}
