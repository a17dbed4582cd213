/** What SQLite's error numbers mean to the person who runs Busbar (low byte of `errcode`). */
const REMEDIES: Readonly<Record<number, string>> = {
  5: 'another process is using the database; stop it, or set storage.path to another file',
  6: 'another connection is using the table',
  8: 'the file cannot be written; check its owner and permissions',
  10: 'the disk reported an error; check the disk and restore a backup if need be',
  11: 'the file is damaged; restore a backup, or move the file away to start empty',
  13: 'the disk is full; make room',
  14: 'the file cannot be opened; check the path and its permissions',
  26: 'the file is not a SQLite database; move it away, or set storage.path to another file',
}

/** Faults of the disk or the file: what fails for one record fails for all. */
const GENERAL = [5, 6, 7, 8, 10, 11, 13, 14, 26]

const numberOf = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : null

/** Whether a fault has nothing to do with the record that met it. */
export const isGeneralFault = (error: unknown): boolean => {
  const number = numberOf(error)
  return number !== null && GENERAL.includes(number)
}

/** One line: which file, what SQLite says, what to do. */
export const describeFault = (path: string, error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error)
  const remedy = REMEDIES[numberOf(error) ?? -1]
  return `database ${path}: ${message}${remedy === undefined ? '' : ` (${remedy})`}`
}
