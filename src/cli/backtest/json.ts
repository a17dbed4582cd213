import type { Backtest, BacktestSettings } from '../../app/backtest.ts'
import type { Run } from '../../sim/backtest/backtest.ts'
import { linesOf } from '../../sim/backtest/billing.ts'

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

const moneyOf = ({ money }: Run): unknown =>
  money && {
    total: rounded(money.bill.total, 2),
    revenue: rounded(money.revenue, 2),
    profit: rounded(money.profit, 2),
    lines: linesOf(money.bill).map((line) => ({ ...line, amount: rounded(line.amount, 2) })),
    periods: money.bill.periods.map(({ name, importKwh, lines, total }) => ({
      name,
      importKwh: rounded(importKwh, 3),
      total: rounded(total, 2),
      lines: lines.map((line) => ({ ...line, amount: rounded(line.amount, 2) })),
    })),
  }

const runOf = (run: Run): unknown => {
  const { algorithm, measures, seconds, plans } = run
  return { algorithm, ...measures, seconds: rounded(seconds, 2), plans, cost: moneyOf(run) }
}

/** The report for programs. Parts of a whole (`served`, `fullyServed`, `fullest`) are 0..1. */
export const jsonReport = (settings: BacktestSettings, result: Backtest): unknown => {
  const { network, timeZone, goal, billing, maxChanges, replayed, runs } = result
  const { startMs, stepS, steps } = replayed.grid
  return {
    from: new Date(startMs).toISOString(),
    to: new Date(startMs + steps * stepS * 1000).toISOString(),
    timeZone,
    stepS,
    network: network.name,
    knowledge: settings.knowledge,
    pilots: settings.pilots,
    maxChanges,
    goal,
    tariff: settings.tariff,
    currency: billing?.currency ?? null,
    revenuePerKwh: settings.revenuePerKwh,
    runs: runs.map(runOf),
  }
}
