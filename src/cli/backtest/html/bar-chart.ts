import { escape } from './escape.ts'

export interface Bar {
  readonly name: string
  /** What stands beside the bar. */
  readonly text: string
  readonly parts: readonly {
    readonly name: string
    readonly tone: string
    readonly value: number
  }[]
}

export interface BarChart {
  readonly title: string
  /** What it shows, for those who do not see it. */
  readonly description: string
  readonly bars: readonly Bar[]
}

const WIDTH = 760
const LEFT = 190
const RIGHT = 130
const ROW = 30
const BAR = 18

/** Horizontal bars, of one or several parts, as an SVG element. Values of 0 and more. */
export const barChart = ({ title, description, bars }: BarChart, id: string): string => {
  const sumOf = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0)
  const most = Math.max(...bars.map(sumOf), 1e-9)
  const scale = (WIDTH - LEFT - RIGHT) / most
  const rows = bars.map((bar, k) => {
    const middle = k * ROW + ROW / 2
    let x = LEFT
    const parts = bar.parts.map(({ name, tone, value }) => {
      const width = value * scale
      const rect = `<rect class="bar ${tone}" x="${x.toFixed(1)}" y="${middle - BAR / 2}" width="${width.toFixed(1)}" height="${BAR}"><title>${escape(name)}</title></rect>`
      x += width
      return rect
    })
    return [
      `<text class="name" x="${LEFT - 10}" y="${middle}" dy="0.32em" text-anchor="end">${escape(bar.name)}</text>`,
      ...parts,
      `<text class="value" x="${(x + 8).toFixed(1)}" y="${middle}" dy="0.32em">${escape(bar.text)}</text>`,
    ].join('')
  })
  return [
    `<svg viewBox="0 0 ${WIDTH} ${bars.length * ROW}" role="img" aria-labelledby="${id}-title ${id}-text">`,
    `<title id="${id}-title">${escape(title)}</title>`,
    `<desc id="${id}-text">${escape(description)}</desc>`,
    ...rows,
    '</svg>',
  ].join('\n')
}
