import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { freePort } from '../fixtures/free-port.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { eventually, startProgram, type RunningProgram } from './program.ts'
import { createRpcStation, type RpcStation } from './rpc-station.ts'

const folder = temporaryFolder()
const running: (RunningProgram | RpcStation)[] = []

afterEach(async () => {
  for (const one of running.splice(0).reverse()) {
    if ('kill' in one) await one.kill('SIGKILL')
    else await one.close()
  }
})

/** Two chargers of 32 A behind a feeder of 40 A, nothing else. */
const siteConfig = (ocppPort: number, apiPort: number, database: string): string => `
site:
  id: e2e
  timeZone: Europe/Amsterdam
  currency: EUR
  supply: { kind: three-phase, voltageV: 230 }
nodes:
  - { id: feeder, limitA: 40, margin: 0 }
stations:
  - { id: ONE, node: feeder, password: password-1 }
  - { id: TWO, node: feeder, password: password-2 }
idTokens:
  - { idToken: CARD-A }
  - { idToken: CARD-B }
ocpp: { port: ${ocppPort} }
api: { port: ${apiPort} }
storage: { path: ${database} }
control: { riseEveryS: 1 }
log: { level: info }
`

const rows = (database: string, sql: string): Record<string, unknown>[] => {
  const db = new DatabaseSync(database, { readOnly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}

const launch = async (name: string) => {
  const [ocppPort, apiPort] = [await freePort(), await freePort()]
  const database = join(folder, `${name}.sqlite`)
  const start = async (): Promise<RunningProgram> => {
    const config = siteConfig(ocppPort, apiPort, database)
    const program = await startProgram(folder, config, [ocppPort])
    running.push(program)
    return program
  }
  const station = async (id: string, password: string, version: '1.6' | '2.0.1') => {
    const url = `ws://127.0.0.1:${ocppPort}/ocpp`
    const one = await createRpcStation(url, id, password, version)
    running.push(one)
    return one
  }
  return { start, station, database }
}

describe.each(['1.6', '2.0.1'] as const)(
  'a station of OCPP %s that we did not write',
  (version) => {
    test('boots, authorizes, charges, gets a profile, is limited', async () => {
      const { start, station, database } = await launch(`charge-${version}`)
      await start()
      const one = await station('ONE', 'password-1', version)
      expect(await one.boot()).toBe('Accepted')
      await eventually('the failsafe is installed', () => one.told.length > 0)
      expect(one.told[0]).toMatchObject({ purpose: 'TxDefaultProfile', limitA: 6, validTo: null })

      expect(await one.start('NOBODY')).toBe(version === '1.6' ? 'Invalid' : 'Unknown')
      expect(await one.start('CARD-A')).toBe('Accepted')
      // The second charger never connected: nothing is reserved for it.
      await eventually('a limit of 32 A', () => one.limitA() === 32)

      const two = await station('TWO', 'password-2', version)
      expect(await two.boot()).toBe('Accepted')
      await eventually('all but the failsafe of the other', () => one.limitA() === 32)
      await one.measure(31)

      expect(await two.start('CARD-B')).toBe('Accepted')
      await eventually('the first makes room', () => one.limitA() === 20)
      await one.measure(20)
      await eventually('an equal share', () => two.limitA() === 20, 25_000)
      for (const { validTo, purpose } of one.told) {
        if (purpose === 'TxProfile')
          expect(Date.parse(validTo!)).toBeLessThan(Date.now() + 1_000_000)
      }

      await one.stop()
      await eventually('the rest', () => (two.limitA() ?? 0) === 32, 25_000)
      const [transaction] = rows(
        database,
        `select state, meterStopWh - meterStartWh as energyWh from "transaction" where stationId = 'ONE'`,
      )
      expect(transaction.state).toBe('ended')
    }, 60_000)
  },
)

test('kill -9 in mid-charge loses nothing, and nobody is allowed more meanwhile', async () => {
  const { start, station, database } = await launch('kill')
  const first = await start()
  const one = await station('ONE', 'password-1', '1.6')
  const two = await station('TWO', 'password-2', '2.0.1')
  await one.boot()
  await two.boot()
  await one.start('CARD-A')
  await two.start('CARD-B')
  const sum = (): number => (one.limitA() ?? 6) + (two.limitA() ?? 6)
  await eventually('both have a share', () => one.limitA() === 20 && two.limitA() === 20, 25_000)
  await one.measure(19)
  await two.measure(19)

  await first.kill('SIGKILL')
  expect(rows(database, `select * from "transaction" where state = 'open'`)).toHaveLength(2)
  const toldBefore = [one.told.length, two.told.length]

  const second = await start()
  await eventually(
    'profiles are asserted again',
    () => one.told.length > toldBefore[0] && two.told.length > toldBefore[1],
    30_000,
  )
  expect(sum()).toBeLessThanOrEqual(40)
  for (const told of [...one.told, ...two.told]) expect(told.limitA).toBeLessThanOrEqual(32)
  await one.measure(18)
  await one.stop()
  const open = rows(database, `select stationId from "transaction" where state = 'open'`)
  expect(open).toEqual([{ stationId: 'TWO' }])
  const sessions = rows(database, `select stationId from session`)
  expect(sessions).toHaveLength(2)
  await second.kill('SIGTERM')
}, 90_000)
