import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/fabric/system-clock.ts'
import type { StoredRecord } from '../../../src/ports/storage.ts'
import { openSqliteStorage, type SqliteStorage } from '../../../src/storage/sqlite/storage.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'
import { temporaryFolder } from '../../fixtures/temporary-folder.ts'
import { run } from './terminal.ts'

const folder = temporaryFolder()
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A Monday. */
const START_MS = Date.UTC(2026, 0, 5)
const NOW_MS = START_MS + 20 * DAY_MS

const file = (name: string, text: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const configOf = (name: string, storagePath: string): string =>
  file(
    name,
    readFileSync('config/minimal.yaml', 'utf8') + `\nstorage: { path: '${storagePath}' }\n`,
  )

const score = (...argv: string[]) =>
  run(['forecast', 'score', ...argv], { cwd: folder, nowMs: NOW_MS })

interface Row {
  readonly kind: string
  readonly leadS: number
  readonly count: number
  readonly mae: number
  readonly skill: number | null
}
const rowsOf = async (...argv: string[]): Promise<Row[]> => {
  const { code, out, err } = await score(...argv, '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out) as Row[]
}

describe('of a site', () => {
  const config = configOf('site.yaml', 'site.sqlite')
  let storage: SqliteStorage

  const forecast = (hour: number, actual: number | null): StoredRecord => ({
    table: 'forecast',
    row: {
      kind: 'load',
      subject: 'grid',
      madeAtMs: START_MS + hour * HOUR_MS,
      leadS: 3_600,
      quantiles: [[0.5, 10_000]],
      baseline: 16_000,
      actual,
    },
  })

  /** A car for two hours every three hours. */
  const session = (k: number): StoredRecord => ({
    table: 'session',
    row: {
      id: `s${k}`,
      stationId: 'CP1',
      evseId: 1,
      transactionId: null,
      idToken: null,
      connectedAtMs: START_MS + 3 * k * HOUR_MS,
      startedAtMs: null,
      endedAtMs: START_MS + (3 * k + 2) * HOUR_MS,
      energyWh: 9_000,
      need: null,
      priority: 0,
    },
  })

  beforeAll(async () => {
    const path = join(folder, 'site.sqlite')
    storage = await openSqliteStorage({ path, clock: systemClock, log: recordingLog().log })
    const sessions = Array.from({ length: 150 }, (_, k) => session(k))
    await storage.commit([forecast(0, 12_000), forecast(1, 10_000), forecast(2, null), ...sessions])
  })
  afterAll(() => storage.stop())

  test('what it wrote down is scored while it runs', async () => {
    const { code, out, err } = await score(config)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^load +1 h ahead +2 +kW +1\.00 +5\.00 +80 % +-1\.00 /m)
  })

  test('of a time that is asked for', async () => {
    expect(await rowsOf(config, '--from', '2026-01-05T01:00Z')).toMatchObject([
      { kind: 'load', count: 1, mae: 0 },
    ])
    expect(await rowsOf(config, '--to', '2026-01-05T01:00Z')).toMatchObject([
      { kind: 'load', count: 1, mae: 2_000 },
    ])
    expect(await score(config, '--from', '2026-02-05T01:00Z')).toMatchObject({
      code: 0,
      out: 'There is nothing to score yet.',
    })
  })

  test('its stored sessions as the models of today foresee them', async () => {
    const rows = await rowsOf(config, '--history')
    const atPlugIn = rows.find(({ kind, leadS }) => kind === 'departure' && leadS === 0)
    expect(atPlugIn?.count).toBe(50)
    expect(atPlugIn?.mae).toBeCloseTo(0)
  })
})

describe('of a file', () => {
  const HEAD = 'session_id,station_id,arrival,departure,kwh'
  const days = Array.from({ length: 120 }, (_, k) => {
    const at = (hour: number): string =>
      new Date(START_MS + k * DAY_MS + hour * HOUR_MS).toISOString().replace('.000', '')
    return `s${k},A,${at(8)},${at(k % 2 === 0 ? 12 : 16)},10`
  })
  const sessions = file('sessions.csv.gz', gzipSync([HEAD, ...days].join('\n')))

  test('sessions, compressed, by the zone that is named or that of the site', async () => {
    const named = await rowsOf('--sessions', sessions, '--time-zone', 'Europe/Amsterdam')
    expect(named.find(({ kind, leadS }) => kind === 'departure' && leadS === 0)).toMatchObject({
      count: 20,
    })
    const config = configOf('other.yaml', ':memory:')
    expect(await rowsOf(config, '--sessions', sessions)).toEqual(named)
  })

  test('a metered load, on holidays like on Sundays', async () => {
    // Half the power on Sundays and on the first of May.
    const lines = Array.from({ length: 24 * 150 }, (_, hour) => {
      const day = new Date(START_MS + hour * HOUR_MS)
      const isMay = day.getUTCMonth() === 4 && day.getUTCDate() === 1
      const rests = day.getUTCDay() === 0 || isMay
      return `${day.toISOString()},${rests ? 10 : 20}`
    })
    const csv = file('load.csv', ['time,kW', ...lines].join('\n'))
    const ofMayDay = (...argv: string[]) =>
      rowsOf('--load', csv, '--time-zone', 'UTC', '--from', '2026-04-30T00:00Z', '--to', '2026-05-01T00:00Z', ...argv) // prettier-ignore
    const dayAhead = (rows: Row[]) => rows.find(({ leadS }) => leadS === 86_400)!.mae
    const unaware = dayAhead(await ofMayDay())
    expect(dayAhead(await ofMayDay('--holidays', 'de'))).toBeLessThan(unaware / 2)
  })

  test('a PV plant whose times have no year', async () => {
    const names = ['Jan', 'Feb']
    const lines = Array.from({ length: 24 * 50 }, (_, hour) => {
      const at = new Date(Date.UTC(2026, 0, 1) + hour * HOUR_MS)
      const clock = at.getUTCHours() % 12 || 12
      const half = at.getUTCHours() < 12 ? 'am' : 'pm'
      const sun = Math.max(0, Math.sin(((at.getUTCHours() - 6) * Math.PI) / 12))
      return `"${names[at.getUTCMonth()]} ${at.getUTCDate()}, ${clock}:00 ${half}",${sun * 5},1`
    })
    const csv = file('pv.csv', ['time,roof kW,other', ...lines].join('\n'))
    const rows = await rowsOf('--pv', csv, '--time-zone', 'UTC', '--year', '2026')
    expect(rows.map(({ kind }) => kind)).toContain('pv')
    const fromMs = Date.UTC(2026, 0, 29)
    expect(rows[0].count).toBeGreaterThan(0)
    expect(await rowsOf('--pv', csv, '--time-zone', 'UTC', '--to', new Date(fromMs).toISOString())).toEqual([]) // prettier-ignore
  })

  test('complaints name file and line', async () => {
    const csv = file('broken.csv', `${HEAD}\ns1,A,2026-01-05T08:00Z,tomorrow,10\n`)
    expect(await score('--sessions', csv, '--time-zone', 'UTC')).toEqual({
      code: 1,
      out: '',
      err: `busbar: ${csv}: line 2: "tomorrow" is no time; write it like 2026-03-29T01:00:00Z`,
    })
  })
})

describe('what makes no sense is refused', () => {
  const config = configOf('plain.yaml', 'plain.sqlite')

  test.each([
    [[], 'name the configuration of a site, or a file: --sessions, --load, --pv'],
    [['--history'], 'name the configuration of a site, or a file: --sessions, --load, --pv'],
    [
      ['--load', 'x.csv'],
      'say where the file is from: --time-zone Europe/Amsterdam, or a configuration',
    ],
    [
      ['--load', 'x.csv', '--time-zone', 'Mars/Base'],
      '"Mars/Base" is not a time zone; use an IANA name like Europe/Paris',
    ],
    [
      ['--load', 'x.csv', '--time-zone', 'UTC', '--holidays', 'mars'],
      /^busbar: "mars" is no list of holidays; there are us-federal, /,
    ],
    [
      ['--load', 'x.csv', '--pv', 'y.csv'],
      /'--load <csv>' cannot be used with option '--pv <csv>'/,
    ],
    [[config, '--holidays', 'de'], /leave --time-zone and --holidays out$/],
    [[config, '--year', '2026'], '--column and --year go with --load and --pv'],
    [
      [config, '--from', '2026-01-02T00:00Z', '--to', '2026-01-02T00:00Z'],
      '--from must be before --to',
    ],
  ])('%j', async (argv, message) => {
    const { code, out, err } = await score(...argv)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    if (typeof message === 'string') expect(err).toBe(`busbar: ${message}`)
    else expect(err).toMatch(message)
  })

  test('a site that never ran, or keeps nothing', async () => {
    const { code, err } = await score(config)
    expect(code).toBe(1)
    expect(err).toContain(`there is no database ${join(folder, 'plain.sqlite')}: start Busbar with`)
    const memory = await score(configOf('memory.yaml', ':memory:'))
    expect(memory.err).toMatch(/memory\.yaml keeps nothing \(storage\.path is :memory:\)$/)
  })

  test('a database of another program', async () => {
    const other = new DatabaseSync(join(folder, 'other.sqlite'))
    other.exec('CREATE TABLE "notes" ("text" TEXT)')
    other.close()
    const { code, err } = await score(configOf('notes.yaml', 'other.sqlite'))
    expect(code).toBe(1)
    expect(err).toContain('it belongs to another program')
  })
})
