import { describe, expect, test } from 'vitest'
import type { GridEvent } from '../../../src/domain/signal.ts'
import { buildTimeline } from '../../../src/engine/timeline.ts'
import { createGridView } from '../../../src/engine/timeline/grid-view.ts'
import type { TimelineEvent } from '../../../src/engine/timeline/played.ts'
import { evseLimitA, type Segment } from '../../../src/engine/timeline/segment.ts'
import {
  FLEET_W,
  gridEvent,
  intervals,
  MINUTE,
  played,
  SITE,
  T0,
} from '../../fixtures/grid-site.ts'

const view = createGridView(SITE, [1, 0.7, 0.4, 0])
const HOUR = 60 * MINUTE

const timelineOf = (...events: (GridEvent | TimelineEvent)[]) =>
  buildTimeline(
    events.map((event) => ('event' in event ? event : played(event))),
    view,
    T0 - HOUR,
    T0 + 24 * HOUR,
  )
/** One minute into the first interval. */
const during = (...events: (GridEvent | TimelineEvent)[]): Segment =>
  timelineOf(...events).at(T0 + MINUTE)

const limit = (eventId: string, value: number | null, more: Partial<GridEvent> = {}) =>
  gridEvent(eventId, {}, [value], more)
const setpoint = (eventId: string, value: number, more: Partial<GridEvent> = {}) =>
  gridEvent(eventId, { kind: 'setpoint' }, [value], more)

describe('limits of one scope: all apply, the lowest counts', () => {
  test.each([
    ['one', [limit('e1', 30_000)], { value: 30_000, eventId: 'e1' }],
    ['two', [limit('e1', 30_000), limit('e2', 20_000)], { value: 20_000, eventId: 'e2' }],
    ['zero is zero', [limit('e1', 30_000), limit('e2', 0)], { value: 0, eventId: 'e2' }],
    [
      'null says nothing',
      [limit('e1', 30_000), limit('e2', null)],
      { value: 30_000, eventId: 'e1' },
    ],
    ['only null', [limit('e1', null)], null],
    ['none', [], null],
    [
      'priority does not lift a limit',
      [limit('e1', 30_000, { priority: 0 }), limit('e2', 20_000, { priority: 200 })],
      { value: 20_000, eventId: 'e2' },
    ],
    [
      'no-charge is a limit of zero',
      [limit('e1', 30_000), gridEvent('e2', { kind: 'no-charge', unit: 'level' }, [1])],
      { value: 0, eventId: 'e2' },
    ],
    [
      'no-charge null says nothing',
      [gridEvent('e2', { kind: 'no-charge', unit: 'level' }, [null])],
      null,
    ],
    [
      'fraction of the fleet',
      [gridEvent('e1', { unit: 'fraction' }, [0.5])],
      { value: FLEET_W / 2, eventId: 'e1' },
    ],
    [
      'of equal limits the higher precedence is named',
      [limit('e2', 10_000, { priority: 1 }), limit('e1', 10_000, { priority: 2 })],
      { value: 10_000, eventId: 'e2' },
    ],
  ])('%s', (_name, events, expected) => {
    const { importW } = during(...events).controllable
    if (expected === null) expect(importW).toBeNull()
    else expect(importW).toEqual({ authority: 'dso', ...expected })
  })
})

test('scopes do not know of each other', () => {
  const segment = during(
    gridEvent('connection', { scope: 'connection' }, [50_000]),
    gridEvent('fleet', { scope: 'controllable' }, [20_000]),
    gridEvent('lines', { scope: 'phase', unit: 'A' }, [60]),
    gridEvent('each', { scope: 'evse', unit: 'A' }, [10]),
    gridEvent('export', { kind: 'export-limit', scope: 'connection' }, [0]),
    gridEvent('v2g', { kind: 'export-limit', scope: 'controllable' }, [5_000]),
  )
  expect(segment.connection).toEqual({
    nodeId: 'grid',
    importW: { authority: 'dso', eventId: 'connection', value: 50_000 },
    exportW: { authority: 'dso', eventId: 'export', value: 0 },
    importA: [0, 1, 2].map(() => ({ authority: 'dso', eventId: 'lines', value: 60 })),
    exportA: [null, null, null],
  })
  expect(segment.controllable.importW?.value).toBe(20_000)
  expect(segment.controllable.exportW?.value).toBe(5_000)
  expect(evseLimitA(segment, SITE.evses[0], view)?.value).toBe(10)
})

describe('units', () => {
  test.each([
    ['A on the connection is per line', { scope: 'connection', unit: 'A' }, 40, [40, 40, 40]],
    ['W per line', { scope: 'phase', unit: 'W' }, 9_200, [40, 40, 40]],
    ['fraction of each line', { scope: 'phase', unit: 'fraction' }, 0.5, [50, 50, 50]],
  ] as const)('%s', (_name, signal, value, expected) => {
    const { importA } = during(gridEvent('e', signal, [value])).connection
    expect(importA.map((bound) => bound?.value)).toEqual(expected)
  })

  test('fraction of the connection is of its rating', () => {
    const segment = during(gridEvent('e', { scope: 'connection', unit: 'fraction' }, [0.5]))
    expect(segment.connection.importW?.value).toBe(34_500)
  })

  test('fraction of a node is of the tighter of its two ratings', () => {
    const segment = during(
      gridEvent('e', { scope: 'connection', unit: 'fraction' }, [0.5], { targets: ['a'] }),
    )
    expect(segment.nodes).toHaveLength(1)
    expect(segment.nodes[0].importW?.value).toBe(20_000)
    expect(segment.connection.importW).toBeNull()
  })

  test.each([
    ['A', 10, 10, 10],
    ['W', 2_300, 2_300 / 690, 10],
    ['fraction', 0.25, 8, 8],
  ] as const)('each EVSE, in %s', (unit, value, threePhaseA, onePhaseA) => {
    const segment = during(gridEvent('e', { scope: 'evse', unit }, [value]))
    expect(evseLimitA(segment, SITE.evses[0], view)?.value).toBeCloseTo(threePhaseA)
    expect(evseLimitA(segment, SITE.evses[2], view)?.value).toBeCloseTo(onePhaseA)
  })

  test('what has no meaning on its scope yields nothing', () => {
    const segment = during(
      gridEvent('e1', { scope: 'controllable', unit: 'A' }, [10]),
      gridEvent('e2', { scope: 'connection', unit: 'fraction' }, [0.5], { targets: ['b'] }),
      gridEvent('e3', { scope: 'phase', unit: 'fraction' }, [0.5], { targets: ['b'] }),
    )
    expect(segment.controllable.importW).toBeNull()
    expect(segment.nodes).toEqual([])
  })
})

describe('targets', () => {
  test('a node, a station and an EVSE are sets with one sum each', () => {
    const segment = during(
      limit('e1', 9_000, { targets: ['a'] }),
      limit('e2', 8_000, { targets: ['s3'] }),
      limit('e3', 7_000, { targets: ['s1/1', 's3/2'] }),
      limit('e4', 6_000, { targets: ['s3/2', 's1'] }),
    )
    expect(segment.controllable.importW).toBeNull()
    expect(
      Object.fromEntries(
        segment.groups.map(({ set, importW }) => [[...set.keys!].sort().join(' '), importW?.value]),
      ),
    ).toEqual({ 's1/1 s2/1': 9_000, 's1/1 s3/2': 6_000, 's3/1 s3/2': 8_000 })
    expect(segment.groups.find(({ set }) => set.nodeId === 'a')?.importW?.eventId).toBe('e1')
  })

  test('the grid connection as target is the whole site', () => {
    const segment = during(limit('e1', 9_000, { targets: ['grid'] }))
    expect(segment.controllable.importW?.value).toBe(9_000)
    expect(segment.groups).toEqual([])
  })

  test('a limit per EVSE covers its targets only, and the lowest counts', () => {
    const segment = during(
      gridEvent('all', { scope: 'evse', unit: 'A' }, [20]),
      gridEvent('b', { scope: 'evse', unit: 'A' }, [8], { targets: ['b'] }),
      gridEvent('s3', { scope: 'evse', unit: 'A' }, [12], { targets: ['s3'] }),
    )
    expect(evseLimitA(segment, SITE.evses[0], view)).toEqual({
      authority: 'dso',
      eventId: 'all',
      value: 20,
    })
    expect(evseLimitA(segment, SITE.evses[3], view)?.eventId).toBe('b')
  })
})

describe('setpoint, reduce-by and level: one wins', () => {
  test.each([
    [
      'lowest priority number',
      [setpoint('e1', 30_000, { priority: 2 }), setpoint('e2', 20_000, { priority: 3 })],
      'e1',
    ],
    [
      'tie: newest issued',
      [setpoint('e1', 30_000), setpoint('e2', 20_000, { issuedAtMs: T0 - MINUTE })],
      'e2',
    ],
    ['tie: smaller event id', [setpoint('e2', 30_000), setpoint('e1', 20_000)], 'e1'],
    [
      'kinds compete with each other',
      [
        setpoint('e1', 30_000, { priority: 4 }),
        gridEvent('e2', { kind: 'level', unit: 'level' }, [2], { priority: 3 }),
      ],
      'e2',
    ],
    [
      'null lets the next one through',
      [
        gridEvent('e1', { kind: 'setpoint' }, [null], { priority: 0 }),
        setpoint('e2', 20_000, { priority: 9 }),
      ],
      'e2',
    ],
  ])('%s', (_name, events, winner) => {
    expect(during(...events).targets.map(({ eventId }) => eventId)).toEqual([winner])
  })

  test('each target set has its own', () => {
    const segment = during(setpoint('e1', 30_000), setpoint('e2', 5_000, { targets: ['b'] }))
    const nodes = segment.targets.map(({ eventId, set }) => [eventId, set.nodeId])
    expect(Object.fromEntries(nodes)).toEqual({ e1: 'grid', e2: 'b' })
  })

  test.each([
    ['above the limit', 30_000, [limit('l', 20_000)], 20_000],
    ['within', 10_000, [limit('l', 20_000)], 10_000],
    ['limit zero', 10_000, [limit('l', 0)], 0],
    [
      'feeding back beyond the export limit',
      -10_000,
      [gridEvent('x', { kind: 'export-limit' }, [4_000])],
      -4_000,
    ],
    ['export limit zero', -10_000, [gridEvent('x', { kind: 'export-limit' }, [0])], -0],
  ])('is clamped by the limits of its scope: %s', (_name, value, limits, expected) => {
    const [target] = during(setpoint('s', value), ...limits).targets
    expect(target).toMatchObject({ eventId: 's', aim: 'follow', requestedW: value })
    expect(target.powerW).toBeCloseTo(expected)
  })

  test('a part of the site is clamped by the limit of the whole', () => {
    const segment = during(setpoint('s', 30_000, { targets: ['a'] }), limit('l', 12_000))
    expect(segment.targets[0].powerW).toBe(12_000)
  })

  test('a level is a ceiling at its fraction of the rating', () => {
    const [target] = during(gridEvent('e', { kind: 'level', unit: 'level' }, [2])).targets
    expect(target).toMatchObject({ aim: 'ceiling', scope: 'controllable' })
    expect(target.powerW).toBeCloseTo(0.4 * FLEET_W)
  })

  test.each([
    ['W', 10_000, 40_000, 30_000],
    ['W', 50_000, 40_000, 0],
    ['fraction', 0.25, 40_000, 30_000],
    ['W', 10_000, null, null],
  ] as const)('reduce by %s %d from %s', (unit, value, referenceW, expected) => {
    const event = gridEvent('e', { kind: 'reduce-by', unit }, [value])
    const { targets } = during(played(event, { referenceW }))
    expect(targets.map(({ powerW, aim }) => [powerW, aim])).toEqual(
      expected === null ? [] : [[expected, 'ceiling']],
    )
  })
})

test('prices, carbon, charge targets and alerts ride along and change no limit', () => {
  const price = (kind: 'price' | 'export-price', value: number) =>
    gridEvent(kind, { kind, unit: 'currency/kWh', currency: 'EUR' }, [value])
  const segment = during(
    limit('l', 20_000),
    price('price', 0.3),
    price('export-price', -0.05),
    gridEvent('co2', { kind: 'carbon', unit: 'g/kWh' }, [120]),
    gridEvent('soc', { kind: 'soc-target', unit: 'fraction', scope: 'evse' }, [0.8], {
      targets: ['s1'],
    }),
    gridEvent('alert', { kind: 'alert', unit: 'level' }, [1]),
  )
  expect(segment.price).toEqual({ authority: 'dso', eventId: 'price', value: 0.3, currency: 'EUR' })
  expect(segment.exportPrice?.value).toBe(-0.05)
  expect(segment.carbon).toEqual({ authority: 'dso', eventId: 'co2', value: 120, currency: null })
  expect(segment.socTargets.map(({ value, set }) => [value, [...set.keys!]])).toEqual([
    [0.8, ['s1/1']],
  ])
  expect(segment.alerts).toEqual([{ authority: 'dso', eventId: 'alert' }])
  expect(segment.controllable.importW?.value).toBe(20_000)
  expect(segment.evseRules).toEqual([])
})

describe('time', () => {
  const steps = (...events: (GridEvent | TimelineEvent)[]) =>
    timelineOf(...events)
      .segments()
      .map(({ startMs, endMs, controllable }) => [
        (startMs - T0) / MINUTE,
        (endMs - T0) / MINUTE,
        controllable.importW?.value ?? null,
      ])

  test('segments cover the window without gaps and equal neighbours are one', () => {
    expect(steps(gridEvent('e', {}, [10, 10, 20, null]))).toEqual([
      [-60, 0, null],
      [0, 30, 10],
      [30, 45, 20],
      [45, 1440, null],
    ])
  })

  test('short limits inside a long one give way to it again', () => {
    const at = (minute: number, length: number, value: number, eventId: string) =>
      gridEvent(eventId, {}, intervals([value], length, T0 + minute * MINUTE))
    const long = at(0, 60, 50, 'long')
    expect(
      steps(long, at(10, 5, 30, 'a'), at(12, 10, 40, 'b'), at(30, 10, 20, 'c'), at(32, 2, 70, 'd')),
    ).toEqual([
      [-60, 0, null],
      [0, 10, 50],
      [10, 15, 30],
      [15, 22, 40],
      [22, 30, 50],
      [30, 40, 20],
      [40, 60, 50],
      [60, 1440, null],
    ])
  })

  test('start and end draws shift the boundaries', () => {
    const event = gridEvent('e', {}, [10, 20])
    expect(steps(played(event, { startShiftMs: 5 * MINUTE, endShiftMs: 2 * MINUTE }))).toEqual([
      [-60, 5, null],
      [5, 20, 10],
      [20, 32, 20],
      [32, 1440, null],
    ])
    expect(steps(played(event, { startShiftMs: 20 * MINUTE }))).toEqual([
      [-60, 20, null],
      [20, 30, 10],
      [30, 1440, null],
    ])
  })

  test('a stop cuts, before the start it leaves nothing', () => {
    const event = gridEvent('e', {}, [10, 20])
    expect(steps(played(event, { stopMs: T0 + 10 * MINUTE }))).toEqual([
      [-60, 0, null],
      [0, 10, 10],
      [10, 1440, null],
    ])
    expect(steps(played(event, { stopMs: T0 - MINUTE }))).toEqual([[-60, 1440, null]])
  })

  test('gaps between intervals are free', () => {
    const gappy = [...intervals([10]), { ...intervals([20], 15, T0 + HOUR)[0], id: 1 }]
    expect(steps(gridEvent('e', {}, gappy))).toEqual([
      [-60, 0, null],
      [0, 15, 10],
      [15, 60, null],
      [60, 75, 20],
      [75, 1440, null],
    ])
  })

  test('the same instant gives the same object until something changes', () => {
    const timeline = timelineOf(gridEvent('e', {}, [10, 20]))
    expect(timeline.at(T0 + 1)).toBe(timeline.at(T0 + 14 * MINUTE))
    expect(timeline.at(T0 + 15 * MINUTE)).not.toBe(timeline.at(T0 + 1))
    expect(timeline.at(T0).controllable.importW?.value).toBe(10)
    expect(timeline.at(T0 - 1).controllable.importW).toBeNull()
    expect(timeline.at(T0 + 48 * HOUR).controllable.importW).toBeNull()
  })
})

describe('ramps and recovery', () => {
  const importAt = (timeline: ReturnType<typeof timelineOf>, minute: number) =>
    timeline.at(T0 + minute * MINUTE).controllable.importW?.value ?? null

  test('the limit comes down from the power at the start and goes up gently, also at the end', () => {
    const event = gridEvent('e', {}, [20_000, 30_000], {
      ramp: { downWPerMin: 2_000, upWPerMin: 1_000 },
    })
    const timeline = timelineOf(played(event, { referenceW: 40_000 }))
    expect(importAt(timeline, -1)).toBeNull()
    expect(importAt(timeline, 0)).toBe(40_000)
    expect(importAt(timeline, 5)).toBe(30_000)
    expect(importAt(timeline, 10)).toBe(20_000)
    expect(importAt(timeline, 15)).toBe(20_000)
    expect(importAt(timeline, 20)).toBe(25_000)
    expect(importAt(timeline, 29)).toBe(30_000)
    expect(importAt(timeline, 30)).toBe(30_000)
    expect(importAt(timeline, 35)).toBe(35_000)
    expect(importAt(timeline, 30 + (FLEET_W - 30_000) / 1_000 + 1)).toBeNull()
  })

  test('another limit still counts under a slope', () => {
    const event = gridEvent('e', {}, [20_000], { ramp: { downWPerMin: 1_000, upWPerMin: null } })
    const timeline = timelineOf(played(event, { referenceW: 30_000 }), limit('hard', 25_000))
    expect([1, 4, 6, 12].map((minute) => importAt(timeline, minute))).toEqual([
      25_000, 25_000, 24_000, 20_000,
    ])
  })

  test('the planner gets steps under the slope', () => {
    const event = gridEvent('e', {}, [20_000], { ramp: { downWPerMin: 2_000, upWPerMin: null } })
    const timeline = timelineOf(played(event, { referenceW: 26_000 }))
    const values = timeline
      .segments()
      .filter(({ startMs, endMs }) => startMs >= T0 && endMs <= T0 + 15 * MINUTE)
      .map(({ startMs, controllable }) => [(startMs - T0) / MINUTE, controllable.importW?.value])
    expect(values).toEqual([
      [0, 24_000],
      [1, 22_000],
      [2, 20_000],
      [3, 20_000],
    ])
  })

  test('a limit above the present power does not start below itself', () => {
    const event = gridEvent('e', {}, [20_000], { ramp: { downWPerMin: 1_000, upWPerMin: 1_000 } })
    expect(importAt(timelineOf(played(event, { referenceW: 5_000 })), 0)).toBe(20_000)
  })

  test('after the end power returns along the stagger, under the hold', () => {
    const event = gridEvent('e', {}, [0], {
      recovery: { holdMs: 10 * MINUTE, maxW: 10_000, staggerMs: 20 * MINUTE },
    })
    const timeline = timelineOf(event)
    expect(importAt(timeline, 14)).toBe(0)
    expect(importAt(timeline, 16)).toBeCloseTo(FLEET_W / 20)
    expect(importAt(timeline, 22)).toBe(10_000)
    expect(importAt(timeline, 25)).toBeCloseTo(FLEET_W / 2)
    expect(importAt(timeline, 35)).toBeNull()
  })

  test.each([
    ['a level', gridEvent('e', { kind: 'level', unit: 'level' }, [3]), 0],
    ['a setpoint', setpoint('e', 10_000), 10_000],
    ['no charge', gridEvent('e', { kind: 'no-charge', unit: 'W' }, [0]), 0],
    ['a limit per EVSE', gridEvent('e', { scope: 'evse', unit: 'A' }, [8]), FLEET_W / 4],
  ])('recovery after %s starts at what was allowed', (_name, event, lastW) => {
    const recovery = { holdMs: 0, maxW: null, staggerMs: 10 * MINUTE }
    const timeline = timelineOf({ ...event, recovery })
    expect(importAt(timeline, 14)).toBe(event.signal.kind === 'no-charge' ? 0 : null)
    expect(importAt(timeline, 15)).toBeCloseTo(lastW)
    expect(importAt(timeline, 20)).toBeCloseTo((lastW + FLEET_W) / 2)
  })

  test('recovery of the lines and of the connection is at the node', () => {
    const recovery = { holdMs: 5 * MINUTE, maxW: 30_000, staggerMs: 0 }
    for (const signal of [
      { scope: 'phase', unit: 'A' } as const,
      { scope: 'connection' } as const,
    ]) {
      const timeline = timelineOf(gridEvent('e', signal, [10], { recovery }))
      expect(timeline.at(T0 + 16 * MINUTE).connection.importW?.value).toBe(30_000)
      expect(timeline.at(T0 + 21 * MINUTE).connection.importW).toBeNull()
    }
  })

  test('a cancelled event recovers from where it stopped', () => {
    const event = gridEvent('e', {}, [0], {
      recovery: { holdMs: 0, maxW: null, staggerMs: 10 * MINUTE },
    })
    const timeline = timelineOf(played(event, { stopMs: T0 + 5 * MINUTE }))
    expect(importAt(timeline, 10)).toBeCloseTo(FLEET_W / 2)
    expect(importAt(timeline, 15)).toBeNull()
  })
})
