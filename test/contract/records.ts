import type { StorageReader, StoredRecord } from '../../src/ports/storage.ts'
import type { Row, TableSpec } from '../../src/ports/tables.ts'

/** Records with everything filled in, of which a test changes what it is about. */

export const sessionRow = (changes: Partial<Row<'session'>> = {}): Row<'session'> => ({
  id: 'session-1',
  stationId: 'station-1',
  evseId: 1,
  transactionId: null,
  idToken: null,
  connectedAtMs: 1_800_000_000_000,
  startedAtMs: null,
  endedAtMs: null,
  energyWh: 0,
  need: null,
  priority: 1,
  ...changes,
})

export const session = (changes?: Partial<Row<'session'>>): StoredRecord => ({
  table: 'session',
  row: sessionRow(changes),
})

export const sampleRow = (changes: Partial<Row<'sample'>> = {}): Row<'sample'> => ({
  stationId: 'station-1',
  evseId: 1,
  transactionId: 'transaction-1',
  measuredAtMs: 1_800_000_000_000,
  receivedAtMs: 1_800_000_000_000,
  context: 'Sample.Periodic',
  values: [['Current.Import', 'L1', 'A', 16]],
  ...changes,
})

export const sample = (changes?: Partial<Row<'sample'>>): StoredRecord => ({
  table: 'sample',
  row: sampleRow(changes),
})

export const message = (changes: Partial<Row<'message'>> = {}): StoredRecord => ({
  table: 'message',
  row: {
    stationId: 'station-1',
    atMs: 1_800_000_000_000,
    direction: 'in',
    kind: 'call',
    action: 'Heartbeat',
    messageId: '1',
    text: '[2,"1","Heartbeat",{}]',
    ...changes,
  },
})

export const audit = (action: string, changes: Partial<Row<'audit'>> = {}): StoredRecord => ({
  table: 'audit',
  row: { atMs: 1, actor: 'test', action, target: null, detail: null, ...changes },
})

export const variable = (name: string, value: string | null): StoredRecord => ({
  table: 'variable',
  row: {
    stationId: 'station-1',
    component: '',
    variable: name,
    attribute: 'Actual',
    value,
    readonly: 0,
    updatedAtMs: 1,
  },
})

/** What the audit records say that a storage holds. */
export const actionsIn = async (storage: StorageReader): Promise<(string | null)[]> =>
  (await storage.query('audit')).map(({ action }) => action)

const EXAMPLE = { text: 'text', integer: 7, real: 7.5, json: { a: [1, null] } }

/** A row with a value of the right type in every column. */
export const exampleRow = (spec: TableSpec): Record<string, unknown> =>
  Object.fromEntries(Object.entries(spec.columns).map(([name, type]) => [name, EXAMPLE[type]]))
