import type { Backtest, BacktestSettings } from '../../app/backtest.ts'
import type { Run } from '../../sim/backtest/backtest.ts'
import { table, type Column } from '../table.ts'
import { costTable } from './cost-rows.ts'
import { figure, percent, remarks, subtitle } from './words.ts'

/** A measure of a run: its title, and how it reads. */
export interface Measure {
  readonly title: string
  readonly show: (run: Run) => string
}

export const MEASURES: readonly Measure[] = [
  { title: 'energy', show: ({ measures }) => percent(measures.served) },
  { title: 'fully served', show: ({ measures }) => percent(measures.fullyServed) },
  { title: 'kWh', show: ({ measures }) => figure(measures.deliveredKwh, 1) },
  { title: 'peak kW', show: ({ measures }) => figure(measures.peakKw, 1) },
  { title: 'changes', show: ({ measures }) => figure(measures.changes, 1) },
  { title: 'most', show: ({ measures }) => figure(measures.mostChanges) },
  { title: 'seconds', show: ({ seconds }) => figure(seconds, 1) },
]

/** The report for a terminal. */
export const textReport = (settings: BacktestSettings, result: Backtest): string => {
  const { runs, billing } = result
  const right = (title: string): Column => ({ title, right: true })
  const measured = table(
    [{ title: 'ALGORITHM' }, ...MEASURES.map(({ title }) => right(title.toUpperCase()))],
    runs.map((run) => [run.algorithm, ...MEASURES.map(({ show }) => show(run))]),
  )
  const costs = billing && [
    '',
    table(
      [{ title: billing.currency }, ...runs.map(({ algorithm }) => right(algorithm.toUpperCase()))],
      costTable(runs),
    ),
  ]
  const notes = remarks(result)
  return [
    ...subtitle(settings, result),
    '',
    measured,
    ...(costs ?? []),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n')
}
