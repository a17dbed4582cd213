import { describe, expect, test } from 'vitest'
import { actionsIn, audit, session, sessionRow, variable } from './records.ts'
import { faultOf, type StorageSubject } from './storage-subject.ts'

/** Writing: replaced and appended rows, order, and the end. */
export const storageWritesContract = (subject: StorageSubject): void => {
  const until = async (isDone: () => Promise<boolean>): Promise<void> => {
    while (!(await isDone())) await new Promise((resume) => setTimeout(resume, 10))
  }

  describe('writing', () => {
    test('a row with the same key replaces the whole row and keeps its number', async () => {
      await subject.storage.commit([
        session({ id: 'a', idToken: 'driver', energyWh: 5 }),
        session({ id: 'b' }),
      ])
      await subject.storage.commit([session({ id: 'a', energyWh: 7 })])
      expect(await subject.storage.query('session')).toEqual([
        { rowId: 1, ...sessionRow({ id: 'a', energyWh: 7 }) },
        { rowId: 2, ...sessionRow({ id: 'b' }) },
      ])
    })

    test('a key of several columns replaces only when all are equal', async () => {
      await subject.storage.commit([variable('x', '1'), variable('y', '1')])
      await subject.storage.commit([variable('x', '2')])
      const rows = await subject.storage.query('variable')
      expect(rows.map((row) => [row.variable, row.value])).toEqual([
        ['x', '2'],
        ['y', '1'],
      ])
    })

    test('the last of several rows with one key in one call wins', async () => {
      await subject.storage.commit([session({ energyWh: 1 }), session({ energyWh: 2 })])
      expect((await subject.storage.query('session')).map(({ energyWh }) => energyWh)).toEqual([2])
    })

    test('appended rows keep their order, equal rows are kept, numbers rise', async () => {
      await subject.storage.commit([audit('a'), audit('a')])
      await Promise.all([
        subject.storage.commit([audit('b'), audit('c')]),
        subject.storage.commit([audit('d')]),
      ])
      const rows = await subject.storage.query('audit')
      expect(rows.map(({ action }) => action)).toEqual(['a', 'a', 'b', 'c', 'd'])
      expect(rows.map(({ rowId }) => rowId)).toEqual([1, 2, 3, 4, 5])
    })

    test('a commit of nothing resolves', async () => {
      await expect(subject.storage.commit([])).resolves.toBeUndefined()
    })

    test('what is committed is seen by the next query', async () => {
      for (let i = 1; i <= 20; i++) {
        await subject.storage.commit([audit(`${i}`)])
        expect(await subject.storage.count('audit')).toBe(i)
      }
    })

    test('appended records are stored within 500 ms', async () => {
      for (let i = 0; i < 100; i++) subject.storage.append(audit(`${i}`))
      const startedAt = performance.now()
      await until(async () => (await subject.storage.count('audit')) === 100)
      // Twice the time, for the sake of a busy machine.
      expect(performance.now() - startedAt).toBeLessThan(1_000)
      expect(await actionsIn(subject.storage)).toEqual(
        Array.from({ length: 100 }, (_, i) => `${i}`),
      )
    })

    test('append and commit keep the order of their calls', async () => {
      subject.storage.append(session({ energyWh: 1 }))
      await subject.storage.commit([session({ energyWh: 2 })])
      await subject.storage.commit([audit('later')])
      expect((await subject.storage.query('session')).map(({ energyWh }) => energyWh)).toEqual([2])
    })

    test('thousands of concurrent commits all arrive, each once', async () => {
      await Promise.all(
        Array.from({ length: 5_000 }, (_, i) =>
          subject.storage.commit([audit(`${i}`), audit(`${i}`)]),
        ),
      )
      const rows = await subject.storage.query('audit')
      expect(rows).toHaveLength(10_000)
      expect(new Set(rows.map(({ action }) => action)).size).toBe(5_000)
    })
  })

  describe('the end', () => {
    test('nothing can be written after stop', async () => {
      await subject.storage.stop()
      const fault = await faultOf(subject.storage.commit([audit('late')]))
      expect(fault.code).toBe('storage-failed')
      expect(fault.message).toContain('stopped')
      subject.storage.append(audit('late'))
      expect(subject.entries.filter(({ level }) => level === 'error')).toHaveLength(1)
    })

    test('stop can be called twice', async () => {
      await subject.storage.commit([audit('a')])
      await Promise.all([subject.storage.stop(), subject.storage.stop()])
      await expect(subject.storage.stop()).resolves.toBeUndefined()
    })
  })
}
