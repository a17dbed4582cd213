import type { Run } from '../../src/sim/backtest/backtest.ts'
import type { Bill } from '../../src/sim/backtest/billing.ts'
import { whole } from '../support/table.ts'

const REVENUE_PER_KWH = 0.3

const amountOf = ({ periods }: Bill, kinds: readonly string[]): number =>
  periods
    .flatMap(({ lines }) => lines)
    .reduce((sum, { kind, amount }) => (kinds.includes(kind) ? sum + amount : sum), 0)

/** Profit per billing month; a month in which next to nothing was charged is left out. */
const monthly = (run: Run): Map<string, number> =>
  new Map(
    run
      .money!.bill.periods.filter(({ importKwh }) => importKwh > 100)
      .map(({ name, importKwh, total }) => [name, importKwh * REVENUE_PER_KWH - total]),
  )

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`

/** The table of profits; the first run is the optimum to which the others are compared. */
export const profitRows = (
  runs: readonly (readonly [name: string, run: Run])[],
): { head: string[]; rows: string[][] } => {
  const best = runs[0][1]
  const months = [...monthly(best).keys()]
  const head = ['', 'energy', 'energy cost', 'demand', 'profit', 'of best', ...months, 'peak kW', 'changes', 's'] // prettier-ignore
  const rows = runs.map(([name, run]) => {
    const { bill, profit } = run.money!
    const each = monthly(run)
    return [
      name,
      percent(run.measures.served),
      whole(amountOf(bill, ['energy'])),
      whole(amountOf(bill, ['demand'])),
      whole(profit),
      percent(profit / best.money!.profit),
      ...months.map((month) => whole(each.get(month) ?? 0)),
      run.measures.peakKw.toFixed(1),
      run.measures.changes.toFixed(2),
      run.seconds.toFixed(1),
    ]
  })
  return { head, rows }
}
