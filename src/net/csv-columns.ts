import { badLine, type CsvTable } from '../domain/csv-table.ts'

/** Column of ours -> name in the file, as a person gave it (`--columns energy=Energy__kWh_`). */
export type ColumnMap = Readonly<Record<string, string>>

/** Letters and digits only: `Start Date & Time`, `Start_Date___Time` and `startDateTime` are one. */
const plainName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/**
 * Finds columns by what they are called in known exports; the first name that is there counts, and
 * what `map` says before all.
 *
 * @param known per column of ours: its names in any spelling
 * @returns index of each column, -1 where the file has none
 * @throws AppError `payload-invalid`: all required columns that are missing, at once; a name in
 *   `map` that the file does not have, or that is none of ours
 */
export const findColumns = <Name extends string>(
  { names }: CsvTable,
  known: Readonly<Record<Name, readonly string[]>>,
  required: readonly NoInfer<Name>[],
  map: ColumnMap = {},
): Record<Name, number> => {
  const plain = names.map(plainName)
  const ours = Object.keys(known) as Name[]
  for (const [column, name] of Object.entries(map)) {
    if (!Object.hasOwn(known, column)) {
      badLine(1, `there is no column "${column}" to map; there are ${ours.join(', ')}`)
    }
    if (!plain.includes(plainName(name))) {
      badLine(1, `there is no column "${name}"; the file has ${names.join(', ')}`)
    }
  }
  const indexOf = (column: Name): number => {
    const spellings = Object.hasOwn(map, column) ? [map[column]] : known[column]
    for (const spelling of spellings) {
      const index = plain.indexOf(plainName(spelling))
      if (index >= 0) return index
    }
    return -1
  }
  const at = Object.fromEntries(ours.map((column) => [column, indexOf(column)])) as Record<
    Name,
    number
  >
  const missing = required.filter((column) => at[column] < 0)
  if (missing.length > 0) {
    const described = missing.map((column) => `${column} (such as ${known[column][0]})`)
    const example = missing.map((column) => `${column}=NAME`).join(',')
    badLine(
      1,
      `there is no column for ${described.join(' and ')}; the file has ${names.join(', ')}.` +
        ` Say which they are: --columns ${example}`,
    )
  }
  return at
}
