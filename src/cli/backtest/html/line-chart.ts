import { figure } from '../words.ts'
import { ticksUpTo } from './axis.ts'
import { escape } from './escape.ts'

export interface Series {
  readonly name: string
  /** Class of its colour. */
  readonly tone: string
  readonly values: readonly number[]
}

export interface LineChart {
  readonly title: string
  /** What it shows, for those who do not see it. */
  readonly description: string
  readonly unit: string
  readonly series: readonly Series[]
  /** Labels below, evenly from the first value to behind the last. */
  readonly labels: readonly string[]
}

const WIDTH = 760
const HEIGHT = 280
const LEFT = 46
const TOP = 22
const BOTTOM = 26
const plotW = WIDTH - LEFT - 12
const plotH = HEIGHT - TOP - BOTTOM

/** Means over steps of time: a line goes level through each step. */
const pathOf = (values: readonly number[], yOf: (value: number) => number): string => {
  const stepW = plotW / values.length
  const points = values.map((value, k) => {
    const y = yOf(value).toFixed(1)
    return `${(LEFT + k * stepW).toFixed(1)} ${y} ${(LEFT + (k + 1) * stepW).toFixed(1)} ${y}`
  })
  return `M${points.join(' L')}`
}

/** Lines over time as an SVG element. */
export const lineChart = (chart: LineChart, id: string): string => {
  const { title, description, unit, series, labels } = chart
  const ticks = ticksUpTo(Math.max(...series.flatMap(({ values }) => values)))
  const yOf = (value: number): number => TOP + plotH * (1 - value / ticks.at(-1)!)
  const grid = ticks.map((value) => {
    const y = yOf(value).toFixed(1)
    return (
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - 12}" y1="${y}" y2="${y}"/>` +
      `<text class="tick" x="${LEFT - 6}" y="${y}" dy="0.32em" text-anchor="end">${figure(value, value % 1 ? 1 : 0)}</text>`
    )
  })
  const below = labels.map((label, k) => {
    const x = (LEFT + (plotW * k) / (labels.length - 1)).toFixed(1)
    const anchor = k === 0 ? 'start' : k === labels.length - 1 ? 'end' : 'middle'
    return `<text class="tick" x="${x}" y="${HEIGHT - 8}" text-anchor="${anchor}">${escape(label)}</text>`
  })
  const lines = series.map(
    ({ name, tone, values }) =>
      `<path class="line ${tone}" d="${pathOf(values, yOf)}"><title>${escape(name)}</title></path>`,
  )
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-text">`,
    `<title id="${id}-title">${escape(title)}</title>`,
    `<desc id="${id}-text">${escape(description)}</desc>`,
    `<text class="tick" x="${LEFT - 6}" y="11" text-anchor="end">${escape(unit)}</text>`,
    ...grid,
    ...below,
    ...lines,
    '</svg>',
  ].join('\n')
}
