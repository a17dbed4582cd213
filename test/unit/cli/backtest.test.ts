import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { sessionCsv, type Session } from '../../../src/cli/sessions.ts'
import { temporaryFolder } from '../../fixtures/temporary-folder.ts'
import { cliBench } from './api-bench.ts'
import { run } from './terminal.ts'

const folder = temporaryFolder()
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const session = (id: string, evse: string, from: string, to: string, kwh: number): string =>
  [id, evse, `2019-07-${from}:00-07:00`, `2019-07-${to}:00-07:00`, kwh].join(',')

const HEAD = 'session,station,connectedAt,endedAt,energyKwh'
const ROWS = [
  session('<a>', 'A', '01T08:00', '01T18:00', 20),
  session('b', 'B', '01T08:00', '01T18:00', 20),
  session('c', 'A', '02T08:00', '02T20:00', 30),
]
const sessions = file('sessions.csv', [HEAD, ...ROWS].join('\n'))
const packed = file('sessions.csv.gz', gzipSync([HEAD, ...ROWS].join('\n')))

const simulate = (...argv: string[]) => run(['simulate', ...argv])
const BASE = ['--sessions', sessions, '--capacity', '6.9']

interface Json {
  readonly runs: readonly {
    readonly algorithm: string
    readonly served: number
    readonly peakKw: number
    readonly mostChanges: number
    readonly cost: { readonly total: number; readonly profit: number } | null
  }[]
  readonly timeZone: string
  readonly goal: string
}

const json = async (...argv: string[]): Promise<Json> => {
  const { out, err } = await simulate(...argv, '--json')
  expect(err).toBe('')
  return JSON.parse(out) as Json
}

test('a table of what each algorithm served', async () => {
  const { code, out, err } = await simulate(...BASE)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const lines = out.split('\n')
  expect(lines[0]).toBe('sessions.csv: 3 sessions, 70.0 kWh, 2019-07-01 to 2019-07-03 (UTC)')
  expect(lines[1]).toBe('Through 6.9 kW, 2 EVSEs, steps of 5 min')
  expect(lines[5]).toMatch(/^ALGORITHM +ENERGY +FULLY SERVED +KWH +PEAK KW +CHANGES/)
  expect(lines.slice(6, 12).map((line) => line.split(' ')[0])).toEqual([
    'uncontrolled',
    'rr',
    'edf',
    'llf',
    'busbar',
    'optimum',
  ])
  expect(out).toMatch(/^Uncontrolled exceeds a limit for \d+\.\d h, up to 640\.0 % at grid power/m)
})

test('costs: equal energy, flatter, cheaper', async () => {
  const argv = [...BASE, '--tariff', 'us-sce-tou-ev-4-2019', '--algorithms', 'uncontrolled,busbar,optimum'] // prettier-ignore
  const { runs, timeZone, goal } = await json(...argv)
  expect({ timeZone, goal }).toEqual({ timeZone: 'America/Los_Angeles', goal: 'cost' })
  const [uncontrolled, busbar, optimum] = runs
  for (const { served } of runs) expect(served).toBeCloseTo(1, 2)
  // 40 kWh in 10 h are 4 kW; 20 kWh at 44 kW are charged within half an hour.
  expect(uncontrolled.peakKw).toBeGreaterThan(40)
  expect(busbar.peakKw).toBeLessThan(6.9)
  expect(uncontrolled.cost!.total).toBeGreaterThan(5 * busbar.cost!.total)
  expect(optimum.cost!.total).toBeLessThanOrEqual(busbar.cost!.total + 0.01)
  const { out } = await simulate(...argv, '--revenue', '0.3')
  expect(out).toMatch(/^USD +UNCONTROLLED +BUSBAR +OPTIMUM$/m)
  expect(out).toMatch(/^Facilities-related demand +6\d\d\.\d\d/m)
  expect(out).toMatch(/^metered in part: 2019-07 \(2 of 31 days\)$/m)
})

test('pilots, changes, knowledge, one month, a compressed file', async () => {
  const argv = ['--sessions', packed, '--capacity', '4', '--month', '2019-07', '--algorithms', 'busbar'] // prettier-ignore
  const [whole] = (await json(...argv, '--pilots', '1A', '--max-changes', '1')).runs
  expect(whole.mostChanges).toBeLessThanOrEqual(1)
  for (const knowledge of ['declared', 'forecast']) {
    const [unsure] = (await json(...argv, '--knowledge', knowledge, '--pilots', 'continuous')).runs
    expect(unsure.served).toBeGreaterThan(0.5)
  }
})

test('a tariff that follows a market', async () => {
  const hours = Array.from({ length: 48 }, (_, h) => `${new Date(Date.UTC(2019, 5, 30, 22 + h)).toISOString()},${h % 24 < 12 ? 60 : 90}`) // prettier-ignore
  const prices = file('prices.csv', ['start,price_per_mwh', ...hours].join('\n'))
  const argv = [...BASE, '--tariff', 'be-fluvius-capacity-2023', '--prices', prices, '--algorithms', 'llf,busbar'] // prettier-ignore
  const [llf, busbar] = (await json(...argv)).runs
  expect(busbar.served).toBeCloseTo(1, 2)
  expect(busbar.cost!.total).toBeLessThan(llf.cost!.total)
  const short = file('short.csv', 'start,price\n2019-07-01T00:00Z,0.1\n2019-07-01T01:00Z,much')
  const { code, err } = await simulate(...argv.map((word) => (word === prices ? short : word)))
  expect({ code, err }).toEqual({ code: 1, err: 'busbar: short.csv: line 3: "much" is no number' })
})

/** Elements that are open at the end, or closed without being open; void ones close themselves. */
const unbalanced = (html: string): string[] => {
  const open: string[] = []
  for (const [, slash, name, selfClosed] of html.matchAll(
    /<(\/?)([a-z0-9]+)(?:\s[^<>]*?)?(\/?)>/g,
  )) {
    if (selfClosed) continue
    if (!slash) open.push(name)
    else if (open.pop() !== name) return [`</${name}>`]
  }
  return open
}

test('a report with charts that needs nothing else', async () => {
  const named = file('<b>&.csv', [HEAD, ...ROWS].join('\n'))
  const html = join(folder, 'report.html')
  const argv = ['--sessions', named, '--capacity', '6.9', '--tariff', 'us-sce-tou-ev-4-2019', '--html', html] // prettier-ignore
  expect((await simulate(...argv)).code).toBe(0)
  const page = readFileSync(html, 'utf8')
  expect(unbalanced(page.replace('<!doctype html>', ''))).toEqual([])
  expect(page).toContain('<h1>Backtest of &lt;b&gt;&amp;.csv</h1>')
  expect(page).not.toMatch(/https?:|<script|NaN|undefined/)
  expect(page.match(/<svg [^>]*role="img"/g)).toHaveLength(4)
  for (const [, ids] of page.matchAll(/aria-labelledby="([^"]+)"/g)) {
    for (const id of ids.split(' ')) expect(page).toContain(`id="${id}"`)
  }
  expect(page).toContain('The busiest day, 2019-07-01')
})

describe('what makes no sense is said', () => {
  test.each([
    [[], 'name the configuration of a site, or recorded sessions: --sessions FILE'],
    [['--capacity', '3'], '--capacity goes with --sessions'],
    [['--sessions', sessions], 'say what the sessions are charged through: a configuration, --network FILE or --capacity KW'], // prettier-ignore
    [['x.yaml', '--sessions', sessions, '--network', 'n.json'], 'a configuration and --network both say what sessions are charged through; give one'], // prettier-ignore
    [[...BASE, '--goal', 'cost'], '--goal cost needs a --tariff'],
    [[...BASE, '--prices', 'x.csv'], '--prices are those of the market that a --tariff follows; give that as well'], // prettier-ignore
    [[...BASE, '--revenue', '1'], '--revenue is set against costs; give a --tariff as well'],
  ])('%j', async (argv, message) => {
    expect(await simulate(...argv)).toEqual({ code: 2, out: '', err: `busbar: ${message}` })
  })

  test.each([
    [[...BASE, '--pilots', 'few'], 'Give continuous, a step such as 1A, or a set such as 8,16,24,32.'], // prettier-ignore
    [[...BASE, '--month', '2019-13'], 'Give a month such as 2019-05.'],
    [[...BASE, '--step', '7'], 'Give minutes: one of 1, 5, 10, 15, 30, 60.'],
    [[...BASE, '--time-zone', 'Mars'], 'Give an IANA name such as Europe/Amsterdam.'],
    [[...BASE, '--algorithms', 'magic'], 'Give one or more of uncontrolled, fcfs'],
    [[...BASE, '--hours', '3'], "cannot be used with option '--hours <n>'"],
  ])('%j', async (argv, message) => {
    const { code, err } = await simulate(...argv)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })

  const broken = file('broken.csv', `${HEAD}\nA,A,now,later,1`)
  const noJson = file('network.json', '{')
  test.each([
    [['--sessions', broken, '--capacity', '3'], 'broken.csv: line 2: "now" is no time'],
    [['--sessions', sessions, '--network', noJson], 'network.json is not JSON'],
    [[...BASE, '--month', '2018-01'], 'sessions.csv: no session begins in 2018-01'],
    [
      [...BASE, '--tariff', 'gb-octopus-agile-2022'],
      'follows a market (GB day-ahead half-hourly): give its prices as well (--prices FILE)',
    ],
    [[...BASE, '--html', folder], 'cannot be written: EISDIR'],
  ])('%j', async (argv, message) => {
    const { code, err } = await simulate(...argv)
    expect(code).toBe(1)
    expect(err).toContain(message)
  })
})

test('sessions of Busbar as CSV are read again', async () => {
  const one: Session = {
    id: 's,"1"',
    stationId: 'A',
    evseId: 1,
    transactionId: null,
    idToken: 'T1',
    connectedAt: '2019-07-01T08:00:00Z',
    startedAt: null,
    endedAt: '2019-07-01T18:00:00Z',
    energyWh: 20_500,
    need: { energyWh: 30_000, departure: '2019-07-01T17:00:00Z', source: 'driver' },
    priority: 0,
  }
  const unsaid: Session = { ...one, id: 's2', idToken: null, need: { energyWh: null, departure: null, source: 'default' } } // prettier-ignore
  const csv = sessionCsv([one, unsaid])
  expect(csv.split('\n')).toEqual([
    'session,station,connectedAt,endedAt,energyKwh,saidEnergyKwh,saidDeparture,user',
    '"s,""1""",A/1,2019-07-01T08:00:00Z,2019-07-01T18:00:00Z,20.5,30,2019-07-01T17:00:00Z,T1',
    's2,A/1,2019-07-01T08:00:00Z,2019-07-01T18:00:00Z,20.5,,,',
  ])
  const own = csv.replace('s2,A/1', 's2,A/2')
  const { runs } = await json('--sessions', file('own.csv', own), '--capacity', '11', '--algorithms', 'fcfs') // prettier-ignore
  expect(runs[0].served).toBeCloseTo(1)
})

test('two sessions at one EVSE at a time are replayed, and a note says so', async () => {
  const own = file(
    'overlap.csv',
    'Box,Start,End,kWh\nA,2019-07-01T08:00Z,2019-07-01T18:00Z,5\nA,2019-07-01T09:00Z,2019-07-01T10:00Z,1',
  )
  const args = ['--capacity', '11', '--algorithms', 'fcfs', '--columns', 'station=Box', '--json']
  const { code, err } = await simulate('--sessions', own, ...args)
  expect({ code, err }).toEqual({
    code: 0,
    err: 'note: 1 of 2 sessions begin while another one is at the same EVSE (first: line 3 at A); the replay lets them charge at the same time', // prettier-ignore
  })
})

test('sessions --export: those that have ended', async () => {
  const { bench, busbar } = await cliBench()
  const transactionId = await bench.charge('CP1', 1, 'A')
  const exported = async (): Promise<string[]> => {
    const { out, err } = await busbar(['sessions', '--export'])
    expect(err).toBe('')
    return out.split('\n')
  }
  expect(await exported()).toHaveLength(1)
  await bench.clock.advanceTo(bench.clock.now() + 10 * 60_000)
  await bench.csms.transactions.stop(bench.csms.stations.mustFind('CP1'), {
    transactionId,
    stoppedAtMs: bench.clock.now(),
    meterStopWh: 3_500,
    idToken: null,
    reason: 'Local',
    sets: [],
  })
  await bench.csms.journal.settled()
  const [, row] = await exported()
  expect(row).toMatch(
    /^[^,]+,CP1\/1,2026-11-22T\d\d:\d\d:\d\d\.000Z,2026-11-22T[^,]+,\d(\.\d+)?,,,A$/,
  )
  expect((await busbar(['sessions', '--export', '--json'])).code).toBe(2)
})
