import { describe, expect, test } from 'vitest'
import type { StoredRecord } from '../../src/ports/storage.ts'
import { TABLES, type TableName, type TableSpec } from '../../src/ports/tables.ts'
import { actionsIn, audit, exampleRow, session, sessionRow } from './records.ts'
import { faultOf, type StorageSubject } from './storage-subject.ts'

/** What a column may hold, and how what it may not hold is refused. */
export const storageRowsContract = (subject: StorageSubject): void => {
  describe('rows', () => {
    test('every table keeps a value in every column', async () => {
      for (const [table, spec] of Object.entries<TableSpec>(TABLES)) {
        const row = exampleRow(spec)
        await subject.storage.commit([{ table, row } as unknown as StoredRecord])
        expect(await subject.storage.query(table as TableName), table).toEqual([
          { rowId: 1, ...row },
        ])
      }
    })

    test('every table keeps null everywhere but in the key and the time of packed rows', async () => {
      for (const [table, spec] of Object.entries<TableSpec>(TABLES)) {
        const row = exampleRow(spec)
        for (const column of Object.keys(row))
          if (!spec.key.includes(column) && spec.packed?.[1] !== column) row[column] = null
        await subject.storage.commit([{ table, row } as unknown as StoredRecord])
        expect(await subject.storage.query(table as TableName), table).toEqual([
          { rowId: 1, ...row },
        ])
      }
    })

    test('the columns come in the order of the table', async () => {
      await subject.storage.commit([session()])
      const [row] = await subject.storage.query('session')
      expect(Object.keys(row)).toEqual(['rowId', ...Object.keys(TABLES.session.columns)])
    })

    test('any text comes back as it was', async () => {
      const texts = [
        '',
        ' ',
        "'; DROP TABLE audit; --",
        'Zürich ⚡ 😀',
        '\u0001\n\r\t"\\',
        '\uFFFF',
      ]
      await subject.storage.commit(texts.map((text) => audit(text)))
      expect(await actionsIn(subject.storage)).toEqual(texts)
    })

    test('what is no Unicode text is made one', async () => {
      await subject.storage.commit([audit('lone \uD800 surrogate'), audit('nul \0 inside')])
      expect(await actionsIn(subject.storage)).toEqual([
        'lone \uFFFD surrogate',
        'nul \uFFFD inside',
      ])
    })

    test('a text of a megabyte comes back as it was', async () => {
      const text = '⚡ampere'.repeat(150_000)
      await subject.storage.commit([audit(text, { detail: text })])
      const [row] = await subject.storage.query('audit')
      expect(row.action).toBe(text)
      expect(row.detail).toBe(text)
    })

    test('integers keep 53 bits', async () => {
      const numbers = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 32 + 1]
      await subject.storage.commit(numbers.map((atMs) => audit('number', { atMs })))
      expect((await subject.storage.query('audit')).map(({ atMs }) => atMs)).toEqual(numbers)
    })

    test('reals keep every bit, and minus zero is zero', async () => {
      const numbers = [0.1, -2.5, 5, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 60]
      await subject.storage.commit(numbers.map((energyWh, i) => session({ id: `${i}`, energyWh })))
      await subject.storage.commit([session({ id: 'minus zero', energyWh: -0 })])
      const rows = await subject.storage.query('session')
      expect(rows.map(({ energyWh }) => energyWh)).toEqual([...numbers, 0])
    })

    test('JSON comes back as JSON has it', async () => {
      const details = [
        { b: 1, a: { c: [1, 2.5, 'x', null, true] } },
        [],
        'text',
        5,
        false,
        null,
        {},
      ]
      await subject.storage.commit(details.map((detail) => audit('json', { detail })))
      expect((await subject.storage.query('audit')).map(({ detail }) => detail)).toEqual(details)
    })

    test('a record may change after the call, and an answer too: what is stored does not', async () => {
      const need = { kWh: 10 }
      const committed = subject.storage.commit([session({ need })])
      need.kWh = 99
      await committed
      const [row] = await subject.storage.query('session')
      expect(row.need).toEqual({ kWh: 10 })
      ;(row.need as { kWh: number }).kWh = 77
      expect((await subject.storage.query('session'))[0].need).toEqual({ kWh: 10 })
    })
  })

  describe('bad records', () => {
    const bad = (row: object): StoredRecord =>
      ({ table: 'session', row }) as unknown as StoredRecord

    test('what a column cannot hold is refused by table, column and value', async () => {
      const cases: [what: string, changes: object, message: string][] = [
        [
          'a number for text',
          { stationId: 5 },
          'session.stationId cannot hold 5: it must be a string or null',
        ],
        [
          'text for an integer',
          { evseId: 'one' },
          'session.evseId cannot hold "one": it must be a whole number or null',
        ],
        ['a fraction for an integer', { evseId: 1.5 }, 'session.evseId cannot hold 1.5'],
        [
          'an integer beyond 53 bits',
          { endedAtMs: 2 ** 53 },
          'session.endedAtMs cannot hold 9007199254740992',
        ],
        [
          'NaN for a real',
          { energyWh: Number.NaN },
          'session.energyWh cannot hold NaN: it must be a finite number or null',
        ],
        ['infinity for a real', { priority: Infinity }, 'session.priority cannot hold Infinity'],
        ['null in the key', { id: null }, 'session.id cannot hold null: it must be a string'],
        ['a missing column', { need: undefined }, 'session.need cannot hold undefined'],
        ['a function for JSON', { need: () => {} }, 'session.need cannot hold'],
        [
          'a bigint inside JSON',
          { need: { n: 1n } },
          'session.need cannot hold an object: it must be a JSON value',
        ],
        ['a column that there is not', { colour: 'red' }, 'session has no column colour'],
      ]
      for (const [what, changes, message] of cases) {
        const fault = await faultOf(subject.storage.commit([bad({ ...sessionRow(), ...changes })]))
        expect(fault.code, what).toBe('record-invalid')
        expect(fault.message, what).toContain(message)
        expect(fault.details, what).toMatchObject({ table: 'session' })
      }
      expect(await subject.storage.count('session')).toBe(0)
    })

    test('a table that there is not is refused', async () => {
      const record = { table: 'nonsense', row: {} } as unknown as StoredRecord
      expect((await faultOf(subject.storage.commit([record]))).message).toContain(
        'there is no table nonsense',
      )
    })

    test('secrets are not repeated', async () => {
      const record = {
        table: 'apiToken',
        row: { id: 'x', hash: 4711 },
      } as unknown as StoredRecord
      expect((await faultOf(subject.storage.commit([record]))).message).not.toContain('4711')
    })

    test('one bad record keeps out the others of its call, and nobody else', async () => {
      const results = await Promise.allSettled([
        subject.storage.commit([audit('first')]),
        subject.storage.commit([
          audit('with the bad one'),
          bad({ ...sessionRow(), evseId: 'bad' }),
        ]),
        subject.storage.commit([audit('last')]),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await actionsIn(subject.storage)).toEqual(['first', 'last'])
    })

    test('a bad appended record is logged and keeps nobody out', async () => {
      subject.storage.append(audit('before'))
      subject.storage.append(bad({ ...sessionRow(), evseId: 'bad' }))
      await subject.storage.commit([audit('after')])
      expect(await actionsIn(subject.storage)).toEqual(['before', 'after'])
      const faults = subject.entries.filter(({ level }) => level === 'error')
      expect(faults).toMatchObject([{ fields: { dropped: 1 } }])
    })
  })
}
