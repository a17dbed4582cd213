import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { Query } from '../../../src/ports/storage.ts'
import type { TableName } from '../../../src/ports/tables.ts'
import { filterOf, MAX_QUERY_ROWS } from '../../../src/storage/filter.ts'
import { LAYOUTS, layoutNamed, PRUNED_BY, type Layout } from '../../../src/storage/layout.ts'
import { MIGRATIONS } from '../../../src/storage/migrations/index.ts'
import { migrate } from '../../../src/storage/sqlite/migrate.ts'
import {
  countSql,
  pruneSql,
  selectSql,
  SQLITE,
  upsertSql,
  type Dialect,
} from '../../../src/storage/statements.ts'

/** As PostgreSQL would have it. */
const NUMBERED: Dialect = {
  lateIndexes: false,
  parameter: (number) => `$${number}`,
  textOrder: ' COLLATE "C"',
}

const layout = (table: TableName): Layout => layoutNamed(table) as Layout

const database = (): DatabaseSync => {
  const db = new DatabaseSync(':memory:')
  migrate(db, MIGRATIONS, 0)
  return db
}

test('every name is quoted, words of SQL too', () => {
  expect(upsertSql(layout('reading'), SQLITE)).toBe(
    'INSERT INTO "reading" ("meterId", "measuredAtMs", "receivedAtMs", "quality", "values") ' +
      'VALUES (?, ?, ?, ?, ?)',
  )
})

test('a row with a key replaces by that key', () => {
  expect(upsertSql(layout('evse'), NUMBERED)).toBe(
    'INSERT INTO "evse" ("stationId", "evseId", "status", "statusAtMs", "errorCode") ' +
      'VALUES ($1, $2, $3, $4, $5) ON CONFLICT ("stationId", "evseId") DO UPDATE SET ' +
      '"status" = excluded."status", "statusAtMs" = excluded."statusAtMs", ' +
      '"errorCode" = excluded."errorCode"',
  )
})

test('a query has its values as parameters, numbered in order', () => {
  const filter = filterOf('event', {
    where: { authority: "o'hara", state: null },
    between: { column: 'startMs', from: 5, to: 9 },
    orderBy: 'eventId',
    descending: true,
    limit: 10,
    offset: 20,
  })
  const { sql, parameters } = selectSql(filter, NUMBERED)
  expect(sql.slice(sql.indexOf(' FROM'))).toBe(
    ' FROM "event" WHERE "authority" = $1 AND "state" IS NULL AND "startMs" >= $2 AND ' +
      '"startMs" < $3 ORDER BY "eventId" COLLATE "C" DESC NULLS LAST, "rowId" DESC ' +
      'LIMIT $4 OFFSET $5',
  )
  expect(parameters).toEqual(["o'hara", 5, 9, 10, 20])
  expect(countSql(filter, NUMBERED)).toEqual({
    sql:
      'SELECT count(*) AS n FROM "event" WHERE "authority" = $1 AND "state" IS NULL AND ' +
      '"startMs" >= $2 AND "startMs" < $3',
    parameters: ["o'hara", 5, 9],
  })
})

test('a query without a limit, or with a large one, is bounded', () => {
  for (const limit of [undefined, Number.MAX_SAFE_INTEGER])
    expect(selectSql(filterOf('audit', { limit }), SQLITE).parameters).toEqual([
      MAX_QUERY_ROWS + 1,
      0,
    ])
})

/** Those whose rows are rows of the database. */
const PLAIN_LAYOUTS = LAYOUTS.filter(({ packed }) => packed === null)
const PLAIN_PRUNED = Object.entries(PRUNED_BY).filter(
  ([table]) => layout(table as TableName).packed === null,
)

test('SQLite understands all statements of all tables', () => {
  const db = database()
  for (const each of PLAIN_LAYOUTS) {
    db.prepare(upsertSql(each, SQLITE))
    for (const { name, type } of each.columns) {
      if (type === 'json') continue
      const query = { where: { [name]: null }, orderBy: name } as unknown as Query<TableName>
      db.prepare(selectSql(filterOf(each.table, query), SQLITE).sql)
      db.prepare(countSql(filterOf(each.table, query), SQLITE).sql)
    }
  }
  for (const [table] of PLAIN_PRUNED) db.prepare(pruneSql(table as keyof typeof PRUNED_BY, SQLITE))
})

describe('indexes carry what is asked often', () => {
  const db = database()
  const planOf = (sql: string, parameters: readonly (string | number | null)[]): string =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...parameters)
      .map((row) => String(row['detail']))
      .join('; ')
  const selectPlan = <T extends TableName>(table: T, query: Query<T>): string => {
    const { sql, parameters } = selectSql(filterOf(table, query), SQLITE)
    return planOf(sql, parameters)
  }

  test('the samples of a station are found by their late index', () => {
    const plan = selectPlan('sample', {
      where: { stationId: 'a' },
      between: { column: 'measuredAtMs', from: 5 },
      orderBy: 'measuredAtMs',
      descending: true,
      limit: 10,
    })
    expect(plan).toContain('SEARCH sample_late USING PRIMARY KEY (stationId=? AND measuredAtMs>?)')
    expect(plan).not.toContain('SCAN sample;')
  })

  test('open transactions are found, not searched for', () => {
    const plan = selectPlan('transaction', { where: { endedAtMs: null } })
    expect(plan).toContain('USING INDEX transaction_endedAtMs')
  })

  test('a key finds its row', () => {
    expect(selectPlan('transaction', { where: { stationId: 'a', transactionId: 'b' } })).toContain(
      'USING INDEX sqlite_autoindex_transaction_1',
    )
  })

  test('pruning finds the oldest rows by its time', () => {
    for (const [table, column] of PLAIN_PRUNED) {
      const plan = planOf(pruneSql(table as keyof typeof PRUNED_BY, SQLITE), [5, 10])
      expect(plan, table).toContain(`USING COVERING INDEX ${table}_${column} (${column}<?)`)
      expect(plan, table).not.toContain('TEMP B-TREE')
    }
  })
})
