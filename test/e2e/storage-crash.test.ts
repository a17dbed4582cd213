import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { systemClock } from '../../src/fabric/system-clock.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/storage.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const KILLS = Number(process.env['BUSBAR_TEST_KILLS'] ?? 5)
const LOAD = join(import.meta.dirname, '../fixtures/storage-load.ts')

const folder = temporaryFolder()
const random = seededRandom(Date.now())

/** Lets a process write, kills it in the middle, and returns what it had been acknowledged. */
const writeUntilKilled = async (path: string, run: number): Promise<string[]> => {
  const child = spawn(process.execPath, [LOAD, path, `${run}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const closed = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), closed])
  await new Promise((resume) => setTimeout(resume, 50 + 250 * random.next()))
  child.kill('SIGKILL')
  expect(await closed).toEqual([null, 'SIGKILL'])
  // A last line that was cut short was not reported.
  return output.split('\n').slice(0, -1)
}

test(
  'whatever was acknowledged survives kill -9 in mid-load, once',
  async () => {
    const path = join(folder, 'crash.db')
    const acknowledged: string[] = []
    for (let run = 1; run <= KILLS; run++) acknowledged.push(...(await writeUntilKilled(path, run)))
    expect(acknowledged.length).toBeGreaterThan(KILLS * 50)

    const { log } = recordingLog()
    const storage = await openSqliteStorage({ path, clock: systemClock, log })
    const audits = (await storage.query('audit')).map(({ action }) => action)
    const samples = (await storage.query('sample')).map(({ transactionId }) => transactionId)
    const stored = new Set(audits)
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
    expect(stored.size).toBe(audits.length)
    // A unit is there whole or not at all, acknowledged or not.
    expect(samples).toEqual(audits)

    const newest = new Map<string, number>()
    for (const [slot, number] of acknowledged.map((id) => id.split(':')))
      newest.set(`slot-${slot}`, Math.max(newest.get(`slot-${slot}`) ?? 0, Number(number)))
    const sessions = await storage.query('session')
    const behind = sessions.filter(({ id, energyWh }) => (energyWh ?? 0) < (newest.get(id) ?? 0))
    expect(behind).toEqual([])
    expect(sessions).toHaveLength(newest.size)
    await storage.stop()
  },
  10_000 + KILLS * 2_000,
)

test('a database that a process holds is refused, and free as soon as that is killed', async () => {
  const path = join(folder, 'held.db')
  const options = { path, clock: systemClock, log: recordingLog().log }
  const child = spawn(process.execPath, [LOAD, path, '1'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await once(child.stdout.resume(), 'data')
    await expect(openSqliteStorage(options)).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('another process is using the database') as string,
    })
  } finally {
    child.kill('SIGKILL')
  }
  await once(child, 'close')
  const storage = await openSqliteStorage(options)
  expect(await storage.count('audit')).toBeGreaterThan(0)
  await storage.stop()
})
