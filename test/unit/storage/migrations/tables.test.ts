import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { TABLES, type TableSpec } from '../../../../src/ports/tables.ts'
import { PRUNED_BY } from '../../../../src/storage/layout.ts'
import { MIGRATIONS } from '../../../../src/storage/migrations/index.ts'
import { migrate } from '../../../../src/storage/sqlite/migrate.ts'

const TYPES = { text: 'TEXT', integer: 'INTEGER', real: 'REAL', json: 'TEXT' }

const migrated = (): DatabaseSync => {
  const db = new DatabaseSync(':memory:')
  migrate(db, MIGRATIONS, 0)
  return db
}

const db = migrated()
const all = (sql: string): Record<string, unknown>[] => db.prepare(sql).all()
const tables = Object.entries<TableSpec>(TABLES)

/** Columns of each index of a table: those that were declared, and the one of the key. */
const indexesOf = (table: string, origin: 'c' | 'u'): string[] =>
  all(`SELECT name FROM pragma_index_list('${table}') WHERE origin = '${origin}'`)
    .map(({ name }) => all(`SELECT name FROM pragma_index_info('${String(name)}')`))
    .map((columns) => columns.map(({ name }) => String(name)).join(' '))
    .toSorted()

test('the versions are 1, 2, 3, ...', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1))
})

test('the migrations make the tables of TABLES, and no others', () => {
  const names = all(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`,
  )
  const helpers = tables.flatMap(([table, spec]) => [
    ...(spec.lateIndex ? [`${table}_late`, `${table}_late_end`] : []),
    ...(spec.packed ? [`${table}_hour`] : []),
  ])
  expect(names.map(({ name }) => String(name)).toSorted()).toEqual(
    ['migration', ...Object.keys(TABLES), ...helpers].toSorted(),
  )
  expect(all("SELECT name FROM pragma_table_list WHERE strict = 0 AND type = 'table'")).toEqual(
    all("SELECT name FROM pragma_table_list WHERE name LIKE 'sqlite%'"),
  )
})

const PACK_COLUMNS = {
  hour: 'INTEGER',
  fromMs: 'INTEGER',
  toMs: 'INTEGER',
  rows: 'INTEGER',
  keys: 'TEXT',
  pack: 'BLOB',
}

const packed = tables.filter(([, spec]) => spec.packed)
const plain = tables.filter(([, spec]) => !spec.packed)

test.each(packed)('%s has the columns and the indexes of packs', (table) => {
  const columns = all(`SELECT name, type, "notnull", pk FROM pragma_table_info('${table}')`)
  expect(columns).toEqual([
    { name: 'rowId', type: 'INTEGER', notnull: 0, pk: 1 },
    ...Object.entries(PACK_COLUMNS).map(([name, type]) => ({ name, type, notnull: 1, pk: 0 })),
  ])
  expect(indexesOf(table, 'c')).toEqual(['hour fromMs', 'hour toMs'])
})

test.each(plain)('%s has the columns, the key and the indexes of TABLES', (table, spec) => {
  const columns = all(`SELECT name, type, "notnull", pk FROM pragma_table_info('${table}')`)
  expect(columns).toEqual([
    { name: 'rowId', type: 'INTEGER', notnull: 0, pk: 1 },
    ...Object.entries(spec.columns).map(([name, type]) => ({
      name,
      type: TYPES[type],
      notnull: spec.key.includes(name) ? 1 : 0,
      pk: 0,
    })),
  ])
  expect(indexesOf(table, 'u')).toEqual(spec.key.length > 0 ? [spec.key.join(' ')] : [])
  expect(indexesOf(table, 'c')).toEqual(
    (spec.index ?? []).map((names) => names.join(' ')).toSorted(),
  )
})

test.each(tables)('%s numbers its rows for good if it is append-only', (table, spec) => {
  const [{ sql }] = all(`SELECT sql FROM sqlite_schema WHERE name = '${table}' AND type = 'table'`)
  expect(String(sql).includes('AUTOINCREMENT')).toBe(spec.key.length === 0)
})

test('what retention goes by has an index of its own', () => {
  for (const [table, column] of Object.entries(PRUNED_BY)) {
    const { packed: pack } = TABLES[table as keyof typeof PRUNED_BY] as TableSpec
    if (pack) expect(pack[1], table).toBe(column)
    else expect(indexesOf(table, 'c'), table).toContain(column)
  }
})
