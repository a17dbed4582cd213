import type { Run } from '../../sim/backtest/backtest.ts'
import { linesOf } from '../../sim/backtest/billing.ts'
import type { Money } from '../../sim/backtest/measures.ts'
import { bestProfit, figure, percent } from './words.ts'

/** A line of the bill with the amount of every run. */
export interface CostRow {
  readonly name: string
  readonly amounts: readonly number[]
}

const moneyOf = (runs: readonly Run[]): Money[] => runs.flatMap(({ money }) => money ?? [])

/** Lines that cost something in some run, in the order of the bill. */
export const costRows = (runs: readonly Run[]): CostRow[] => {
  const bills = moneyOf(runs).map(({ bill }) => linesOf(bill))
  const names = [...new Set(bills.flatMap((lines) => lines.map(({ name }) => name)))]
  return names
    .map((name) => ({
      name,
      amounts: bills.map((lines) =>
        lines.reduce((sum, line) => (line.name === name ? sum + line.amount : sum), 0),
      ),
    }))
    .filter(({ amounts }) => amounts.some((amount) => Math.abs(amount) >= 0.005))
}

/** The bill of all runs as rows of text: lines, total, what a kWh came to, and the profit. */
export const costTable = (runs: readonly Run[]): string[][] => {
  const money = moneyOf(runs)
  const row = (name: string, values: readonly number[], digits = 2): string[] => [
    name,
    ...values.map((value) => figure(value, digits)),
  ]
  const rows = [
    ...costRows(runs).map(({ name, amounts }) => row(name, amounts)),
    row('Total', money.map(({ bill }) => bill.total)), // prettier-ignore
    row('Per kWh', runs.map(({ measures }, k) => money[k].bill.total / measures.deliveredKwh), 4), // prettier-ignore
  ]
  if (money.every(({ revenue }) => revenue === 0)) return rows
  const best = bestProfit(runs)
  return [
    ...rows,
    row('Revenue', money.map(({ revenue }) => revenue)), // prettier-ignore
    row('Profit', money.map(({ profit }) => profit)), // prettier-ignore
    ...(best === null ? [] : [['of the optimum', ...money.map(({ profit }) => percent(profit / best))]]), // prettier-ignore
  ]
}
