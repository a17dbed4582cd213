import type { LinearProgramme } from './highs.ts'

/** Collects columns, rows and entries of a linear programme (minimise) in any order. */
export interface ProgrammeBuilder {
  /** Index of a new column. */
  column(cost: number, lower: number, upper: number): number
  /** Index of a new row. */
  row(lower: number, upper: number): number
  entry(row: number, column: number, value: number): void
  build(): LinearProgramme
}

/** Counting sort of the entries by column. */
const compress = (
  columns: number,
  rowOf: readonly number[],
  columnOf: readonly number[],
  valueOf: readonly number[],
): Pick<LinearProgramme, 'start' | 'index' | 'value'> => {
  const start = new Int32Array(columns + 1)
  for (const column of columnOf) start[column + 1]++
  for (let c = 0; c < columns; c++) start[c + 1] += start[c]
  const next = start.slice()
  const index = new Int32Array(rowOf.length)
  const value = new Float64Array(rowOf.length)
  columnOf.forEach((column, k) => {
    const at = next[column]++
    index[at] = rowOf[k]
    value[at] = valueOf[k]
  })
  return { start, index, value }
}

export const programmeBuilder = (): ProgrammeBuilder => {
  const cost: number[] = []
  const lower: number[] = []
  const upper: number[] = []
  const rowLower: number[] = []
  const rowUpper: number[] = []
  const rowOf: number[] = []
  const columnOf: number[] = []
  const valueOf: number[] = []
  return {
    column: (price, low, high) => {
      cost.push(price)
      lower.push(low)
      return upper.push(high) - 1
    },
    row: (low, high) => {
      rowLower.push(low)
      return rowUpper.push(high) - 1
    },
    entry: (row, column, value) => {
      if (value === 0) return
      rowOf.push(row)
      columnOf.push(column)
      valueOf.push(value)
    },
    build: () => ({
      columns: cost.length,
      rows: rowUpper.length,
      cost: Float64Array.from(cost),
      lower: Float64Array.from(lower),
      upper: Float64Array.from(upper),
      rowLower: Float64Array.from(rowLower),
      rowUpper: Float64Array.from(rowUpper),
      ...compress(cost.length, rowOf, columnOf, valueOf),
    }),
  }
}
