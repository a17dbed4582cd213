import { IANAZone } from 'luxon'
import type { Backtest } from '../../../app/backtest.ts'
import type { Run } from '../../../sim/backtest/backtest.ts'
import { linesOf } from '../../../sim/backtest/billing.ts'
import { busiestDay, meanDay } from '../../../sim/backtest/days.ts'
import { createTimes } from '../../text.ts'
import { figure, NAMES, percent } from '../words.ts'
import { barChart } from './bar-chart.ts'
import { escape } from './escape.ts'
import { lineChart, type Series } from './line-chart.ts'

const QUARTERS_PER_DAY = 96
const HOURS = ['0:00', '4:00', '8:00', '12:00', '16:00', '20:00', '24:00']

const figureOf = (title: string, chart: string, legend = ''): string =>
  `<h2>${escape(title)}</h2>\n<figure>\n${chart}\n${legend}</figure>`

const legendOf = (
  entries: readonly (readonly [tone: string, name: string, mark: string])[],
): string =>
  `<ul class="legend">${entries
    .map(
      ([tone, name, mark]) =>
        `<li><svg viewBox="0 0 26 10" aria-hidden="true">${mark.replace('TONE', tone)}</svg>${escape(name)}</li>`,
    )
    .join('')}</ul>\n`

const LINE_MARK = '<path class="line TONE" d="M0 5 L26 5"/>'
const BAR_MARK = '<rect class="bar TONE"/>'

const namesLegend = (runs: readonly Run[]): string =>
  legendOf(runs.map(({ algorithm }) => [algorithm, NAMES[algorithm], LINE_MARK]))

const highest = ({ name, values }: Series): string => `${name} ${figure(Math.max(...values), 1)} kW`

const dayChart = (
  { runs, replayed, timeZone }: Backtest,
  title: string,
  id: string,
  valuesOf: (run: Run, offsetMs: (atMs: number) => number) => number[],
): string => {
  const zone = IANAZone.create(timeZone)
  const series = runs.map((run) => ({
    name: NAMES[run.algorithm],
    tone: run.algorithm,
    values: valuesOf(run, (atMs) => zone.offset(atMs) * 60_000),
  }))
  const description = `Power in kW by the time of the day, ${replayed.stays.length} sessions. Highest: ${series.map(highest).join(', ')}.` // prettier-ignore
  const chart = { title, description, unit: 'kW', series, labels: HOURS }
  return figureOf(title, lineChart(chart, id), namesLegend(runs))
}

const servedChart = ({ runs }: Backtest): string => {
  const title = 'Energy served'
  const bars = runs.map(({ algorithm, measures }) => ({
    name: NAMES[algorithm],
    text: percent(measures.served),
    parts: [{ name: NAMES[algorithm], tone: algorithm, value: measures.served }],
  }))
  const description = bars.map(({ name, text }) => `${name} ${text}`).join(', ')
  return figureOf(title, barChart({ title, description, bars }, 'served'))
}

/** Kinds of lines of a bill in three tones. */
const toneOf = (kind: string): 'energy' | 'power' | 'other' =>
  kind === 'energy' ? 'energy' : kind === 'demand' || kind === 'overage' ? 'power' : 'other'

const TONES = { energy: 'Energy', power: 'Power', other: 'Other' } as const

const costChart = ({ runs, billing }: Backtest): string => {
  const title = `Cost in ${billing?.currency}`
  const bars = runs.map(({ algorithm, money }) => {
    const lines = money ? linesOf(money.bill) : []
    const parts = (['energy', 'power', 'other'] as const).map((tone) => ({
      name: TONES[tone],
      tone,
      value: Math.max(
        0,
        lines.reduce((sum, { kind, amount }) => (toneOf(kind) === tone ? sum + amount : sum), 0),
      ),
    }))
    return { name: NAMES[algorithm], text: figure(money?.bill.total ?? 0), parts }
  })
  const description = bars.map(({ name, text }) => `${name} ${text}`).join(', ')
  const used = (['energy', 'power', 'other'] as const).filter((tone) =>
    bars.some(({ parts }) => parts.some((part) => part.tone === tone && part.value > 0)),
  )
  const legend = legendOf(used.map((tone) => [tone, TONES[tone], BAR_MARK]))
  return figureOf(title, barChart({ title, description, bars }, 'cost'), legend)
}

/** All charts of a report, each with its heading. */
export const charts = (result: Backtest): string[] => {
  const { replayed, runs, timeZone, billing } = result
  const { grid } = replayed
  const dayMs = busiestDay(replayed, runs[0].replay.powerW)
  const day = createTimes(dayMs, timeZone).full(dayMs).slice(0, 10)
  const first = Math.round((dayMs - grid.startMs) / (grid.stepS * 1000))
  const perDay = Math.round(86_400 / grid.stepS)
  return [
    servedChart(result),
    ...(billing ? [costChart(result)] : []),
    dayChart(result, 'The mean day', 'mean', ({ replay }, offsetMs) =>
      meanDay(replayed, replay.powerW, QUARTERS_PER_DAY, offsetMs),
    ),
    dayChart(result, `The busiest day, ${day}`, 'busiest', ({ replay }) =>
      Array.from(replay.powerW.subarray(first, first + perDay), (watts) => watts / 1000),
    ),
  ]
}
