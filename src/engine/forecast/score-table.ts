import type { LevelScore, Score, ScoreRow } from './score.ts'

/** How the values of a kind are shown: what a unit is called and how much of it is one. */
const UNITS: Readonly<Record<string, readonly [name: string, per: number]>> = {
  load: ['kW', 1000],
  pv: ['kW', 1000],
  departure: ['h', 1],
  'departure-said': ['h', 1],
  energy: ['kWh', 1],
  'energy-said': ['kWh', 1],
  arrivals: ['per h', 1],
}
const TITLES = ['forecast', 'made', 'count', 'unit', 'error', 'simple', 'better', 'bias']
/** Forecasts of sessions are made some time after the plug-in, the others some time ahead. */
const OF_SESSIONS = /^(departure|energy)/

/**
 * The scores as a table for people: mean absolute error of the median beside that of the simple
 * rule, how much better it is, its mean error; for each level the pinball loss beside that of the
 * simple rule, and how often no more came; and the last days by themselves.
 */
export const scoreTable = (rows: readonly ScoreRow[]): string => {
  if (rows.length === 0) return 'There is nothing to score yet.'
  const levels = [...new Set(rows.flatMap((row) => row.levels.map(({ level }) => level)))].sort(
    (a, b) => a - b,
  )
  const perLevel = levels.flatMap((level) => [`P${Math.round(level * 100)} loss`, 'simple', 'came'])
  const titles = [...TITLES, ...perLevel, 'recent', 'simple']
  const body = rows.map((row) => cellsOf(row, levels))
  return aligned([titles, ...body])
}

const cellsOf = (row: ScoreRow, levels: readonly number[]): string[] => {
  const [unit, per] = UNITS[row.kind] ?? ['', 1]
  const value = (number: number | null): string =>
    number === null ? '-' : (number / per).toFixed(2)
  const levelCells = (level: LevelScore | undefined): string[] =>
    level
      ? [value(level.loss), value(level.baselineLoss), `${(100 * level.coverage).toFixed(1)} %`]
      : ['-', '-', '-']
  const recent: Score | null = row.recent
  return [
    row.kind,
    whenOf(row),
    String(row.count),
    unit,
    value(row.mae),
    value(row.baselineMae),
    row.skill === null ? '-' : `${(100 * row.skill).toFixed(0)} %`,
    value(row.bias),
    ...levels.flatMap((level) => levelCells(row.levels.find((one) => one.level === level))),
    value(recent?.mae ?? null),
    value(recent?.baselineMae ?? null),
  ]
}

const whenOf = ({ kind, leadS }: ScoreRow): string => {
  const time = leadS % 3600 === 0 ? `${leadS / 3600} h` : `${leadS / 60} min`
  if (!OF_SESSIONS.test(kind)) return `${time} ahead`
  return leadS === 0 ? 'at plug-in' : `after ${time}`
}

/** Columns under their titles; the first two to the left, numbers to the right. */
const aligned = (lines: readonly (readonly string[])[]): string => {
  const widths = lines[0].map((_, k) => Math.max(...lines.map((line) => line[k].length)))
  return lines
    .map((line) =>
      line
        .map((cell, k) => (k < 2 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
