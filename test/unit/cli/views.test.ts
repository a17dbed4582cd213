import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/domain/plan.ts'
import { MINUTE_MS, START_MS } from '../api/bench.ts'
import { cliBench } from './api-bench.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

/** Blanks between columns as one bar. */
const columns = (text: string): string[] =>
  text.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))

describe('stations', () => {
  test('one line per EVSE with what binds it', async () => {
    const { bench, busbar, json } = await cliBench()
    await bench.charge('CP1', 1)
    await bench.run(3)
    const { code, out } = await busbar(['stations'])
    expect(code).toBe(0)
    const [head, first, , last] = columns(out)
    expect(head).toBe('EVSE | STATION | PROTOCOL | LINK | STATUS | POWER | LIMIT | BECAUSE')
    // The other station never connected: it reserves nothing.
    expect(first).toMatch(/^CP1\/1 \| known \| ocpp1\.6 \| online \| occupied \| - \| \d+ A \| \S/)
    expect(last).toMatch(/^CP2\/1 \| known \| - \| never connected \| /)
    const stations = await json<{ stationId: string; evses: Rows }[]>('stations')
    expect(stations.map(({ stationId, evses }) => [stationId, evses.length])).toEqual([
      ['CP1', 2],
      ['CP2', 1],
    ])
  })

  test('a stranger without an EVSE has a line of its own, and cannot steer the terminal', async () => {
    const { bench, busbar } = await cliBench()
    bench.connect('STRANGER')
    const { out } = await busbar(['stations'])
    expect(columns(out).at(-1)).toMatch(/^STRANGER \| quarantined \| ocpp1\.6 \| /)
  })
})

describe('sessions', () => {
  test('those that are there; those that ended with --all', async () => {
    const { bench, busbar, json } = await cliBench()
    expect((await busbar(['sessions'])).out).toBe('no vehicle is there')
    await bench.charge('CP1', 1)
    const { out } = await busbar(['sessions'])
    // 08:00 UTC is nine o'clock in Berlin.
    expect(columns(out)[1]).toMatch(
      /^CP1\/1 \| started \| 09:00 \| 0 s \| 0\.0 kWh \| - \| - \| 1 \| CARD1 \| /,
    )
    expect(await json<Rows>('sessions', '--all', '--station', 'CP2')).toEqual([])
    expect(await json<Rows>('sessions', '--all')).toHaveLength(1)
  })
})

describe('nodes', () => {
  test('the tree is indented, limits stand as they were configured', async () => {
    const { bench, busbar, json } = await cliBench()
    await bench.run(2)
    const [head, main, garage] = (await busbar(['nodes'])).out.split('\n')
    expect(head).toMatch(/^NODE +LIMIT +LOAD A/)
    expect(main).toMatch(/^Main +100 A /)
    expect(garage).toMatch(/^ {2}Garage feeder +40 A, 25\.0 kW /)
    expect(main).toContain('No reading from meter house yet')
    expect((await json<Rows>('nodes')).map(({ id }) => id)).toEqual(['main', 'garage'])
  })
})

describe('why', () => {
  test('the chain of reasons, the vehicle and the way to the grid, in sentences', async () => {
    const { bench, busbar } = await cliBench()
    await bench.charge('CP1', 1)
    await bench.charge('CP2', 1)
    await bench.request('POST', '/v1/events', {
      eventId: 'peak',
      signal: { kind: 'import-limit', unit: 'W' },
      intervals: [{ durationS: 1_800, value: 12_000 }],
    })
    await bench.run(8)
    const { code, out } = await busbar(['why', 'CP1/1'])
    expect(code).toBe(0)
    const text = out.replace(/for \d+ s/, 'for a moment')
    expect(text.split('\n')).toEqual([
      'CP1/1 may draw 9 A.',
      'Occupied; rated 32 A on L1L2L3.',
      'Because:',
      '  - Event peak limits the power to 12 kW.',
      'The station accepted 9 A until 09:15; without Busbar the charger falls back to 6 A.',
      'Vehicle connected for a moment: 0.0 kWh.',
      'Events:',
      '  api/peak (contract): import limit 12.0 kW for controlled chargers, 09:00 to 09:30, started',
      'From here to the grid:',
      '  Garage feeder: 0/0/0 A (0.0 kW) of 40 A, 25.0 kW',
      '  Main: 20/20/20 A (13.8 kW) of 100 A, limited to 12.0 kW by events',
      '    No reading from meter house yet; using its design load',
      '    No reading from meter grid yet; using its design load',
    ])
  })

  test('a station has all its EVSEs', async () => {
    const { bench, busbar, json } = await cliBench()
    await bench.run(1)
    const { out } = await busbar(['why', 'CP1'])
    expect(out.match(/^CP1\/\d may draw/gm)).toHaveLength(2)
    expect(await json<Rows>('why', 'CP1')).toHaveLength(2)
    expect(await json<object>('why', 'CP1/2')).toMatchObject({ evse: { key: 'CP1/2' } })
  })

  test.each([
    ['CP9', 'the site has no EVSE of a station "CP9"'],
    ['CP1/9', 'the site has no EVSE "CP1/9"'],
  ])('%s is not there', async (name, message) => {
    const { busbar } = await cliBench()
    expect(await busbar(['why', name])).toEqual({ code: 1, out: '', err: `busbar: ${message}` })
  })
})

/** Two hours in quarters: an hour of 8 kW, then nothing. */
const PLAN: Plan = {
  id: 'p1',
  createdAtMs: START_MS - 20 * MINUTE_MS,
  startMs: START_MS - 20 * MINUTE_MS,
  stepS: 900,
  steps: 12,
  method: 'optimal',
  fallbackBecause: null,
  sessions: [
    {
      sessionId: 's1',
      key: 'CP1/1',
      powerW: [8_000, 6_000, 10_000, 8_000, 0, 0, 0, 0, 0, 0, 0, 0],
      energyWh: 8_000,
      unservedWh: 2_000,
      unservedBecause: 'it leaves too early',
    },
  ],
  controlledW: [8_000, 6_000, 10_000, 8_000, 0, 0, 0, 0, 0, 0, 0, 0],
  baseW: Array.from({ length: 12 }, () => 1_000),
  cost: 2.345,
  costs: { energy: 1.2, demand: 0.15, baseDemand: 0, carbon: 0, shortfall: 1, other: 0 },
  lowerBound: 2.3426,
  bottlenecks: [
    {
      nodeId: 'garage',
      kind: 'phase',
      phase: 'L2',
      eventId: null,
      startMs: START_MS,
      endMs: START_MS + 30 * MINUTE_MS,
      pricePerKwh: 0.11,
      text: 'Garage L2 is the bottleneck from 09:00 to 09:30',
    },
  ],
}

describe('plan', () => {
  test('hours that look alike are one line; what is missing says why', async () => {
    const { busbar, json } = await cliBench({ plan: PLAN })
    const lines = columns((await busbar(['plan'])).out)
    expect(lines.slice(0, 3)).toEqual([
      'Made at 08:40: optimal, at most 0.10 % above the best possible',
      'Charging cost 1.35 EUR: energy 1.20 EUR, demand charge 0.15 EUR',
      'Not on the bill: penalty for undelivered energy 1.00 EUR (used for planning only)',
    ])
    expect(lines.slice(5, 7)).toEqual([
      '08:40 | 09:40 | 8.0 kW | 1.0 kW | 9.0 kW',
      '09:40 | 11:40 | 0.0 kW | 1.0 kW | 1.0 kW',
    ])
    // Twenty minutes after its start the second quarter hour holds.
    expect(lines).toContain('CP1/1 | 6.0 kW | 8.0 kWh | 2.0 kWh | it leaves too early')
    expect(lines.at(-1)).toBe('Garage L2 is the bottleneck from 09:00 to 09:30')
    expect(await json<object>('plan')).toMatchObject({ id: 'p1', cost: 2.345 })
  })

  test('a plan of the simple planner says why', async () => {
    const fallbackBecause = 'the planner did not answer within 12 s'
    const greedy: Plan = { ...PLAN, method: 'greedy', fallbackBecause, lowerBound: null }
    const { busbar } = await cliBench({ plan: greedy })
    expect((await busbar(['plan'])).out).toContain(
      'Made at 08:40: by the simple planner, without a proof, because the planner did not answer',
    )
  })

  test('there may be none yet', async () => {
    const { busbar } = await cliBench()
    expect(await busbar(['plan'])).toMatchObject({ code: 1, err: expect.stringMatching(/no plan/) })
  })
})
