import { expect, test } from 'vitest'
import { createAsks, type Asks } from '../../../src/control/asks.ts'
import type { Commands } from '../../../src/control/commands.ts'
import { newEvseControl, type EvseControl } from '../../../src/control/evse-control.ts'
import { createReconciler } from '../../../src/control/reconciler.ts'
import { DEFAULT_RULES as RULES } from '../../../src/control/rules.ts'
import { createRows, type Rows } from '../../../src/engine/rows.ts'
import type { LimitSegment } from '../../../src/engine/schedule.ts'
import { compileTopology } from '../../../src/engine/topology.ts'
import { MINUTE, SITE, T0 } from '../../fixtures/grid-site.ts'
import { session, states } from './planning/bench.ts'

const topology = compileTopology(SITE)

/** A limit that has long been accepted, and the decreases that it carries. */
const accept = (
  control: EvseControl,
  limitA: number,
  later: readonly LimitSegment[] = [],
): void => {
  const endMs = later[0]?.startMs ?? T0 + 29 * MINUTE
  control.accepted = {
    limitA,
    validToMs: later.at(-1)?.endMs ?? endMs,
    acceptedAtMs: T0 - MINUTE,
    previousA: 0,
    phases: 3,
    previousOthersA: 0,
    segments: [{ startMs: T0 - MINUTE, endMs, limitA }, ...later],
  }
}

/** Two vehicles of the same feeder that were told 16 A. `tick` returns what each is told then. */
const feeder = () => {
  const controls = SITE.evses.map((evse, e) => newEvseControl(e, evse, topology.watts[e]))
  const nowStates = states(SITE, [session('one'), session('two', { stationId: 's2' })])
  const asks = createAsks(topology)
  const rows = createRows(topology)
  for (const [e, { session }] of nowStates.entries()) {
    controls[e].transactionId = session?.transactionId ?? null
    controls[e].failsafeA = 6
    controls[e].sentGeneration = nowStates[e].generation
    controls[e].assertedGeneration = nowStates[e].generation
    if (session) accept(controls[e], 16)
  }
  asks.mayDrawA.set([16, 16])
  const told: { evse: number; limitA: number }[] = []
  const commands = {
    assertFailsafe: () => Promise.resolve(),
    setLimit: ({ index }: EvseControl, _: unknown, segments: readonly LimitSegment[]) => {
      told.push({ evse: index, limitA: segments[0].limitA })
      return Promise.resolve()
    },
  } satisfies Commands
  const reconcile = createReconciler(topology.evseCount, commands, RULES)

  const tick = (grantA: readonly number[], nowMs = T0, coming: readonly LimitSegment[] = []) => {
    told.length = 0
    reconcile({
      nowMs,
      topology,
      controls,
      states: nowStates,
      asks,
      grantA: Float64Array.from([...grantA, 0, 0]),
      rows,
      guardRows: createRows(topology),
      isOverloaded: () => false,
      segments: (_, limitA, untilMs) => [
        { startMs: nowMs, endMs: coming[0]?.startMs ?? untilMs, limitA },
        ...coming.filter(({ startMs }) => startMs < untilMs),
      ],
      silence: { bears: () => false, isOver: () => false },
      held: () => {},
    })
    return [...told]
  }
  return { controls, asks, rows, tick } satisfies {
    controls: EvseControl[]
    asks: Asks
    rows: Rows
    tick: unknown
  }
}

test('a small decrease waits, but not where an event leaves no more to this EVSE', () => {
  const { asks, tick } = feeder()
  expect(tick([15, 15])).toEqual([])
  asks.eventA[1] = 15
  expect(tick([15, 15])).toEqual([{ evse: 1, limitA: 15 }])
})

test('who refused is asked again soon where it may draw more than an event leaves to it', () => {
  const { controls, asks, tick } = feeder()
  const [control] = controls
  control.refusedAtMs = T0
  control.retryAtMs = T0 + 8 * MINUTE
  expect(tick([8, 16], T0 + RULES.urgentRetryMs)).toEqual([])
  asks.eventA[0] = 8
  expect(tick([8, 16], T0 + RULES.urgentRetryMs)).toEqual([{ evse: 0, limitA: 8 }])
})

test('small decreases no longer wait where somebody waits for the room', () => {
  const { controls, asks, rows, tick } = feeder()
  rows.capA.fill(23)
  accept(controls[1], 0)
  asks.mayDrawA.set([16, 0])
  expect(tick([15, 8])).toEqual([])
  expect(tick([15, 8])).toEqual([{ evse: 0, limitA: 15 }])
  accept(controls[0], 15)
  asks.mayDrawA.set([15, 0])
  expect(tick([15, 8])).toEqual([{ evse: 1, limitA: 8 }])
})

test('a decrease that a profile carries for an event is taken back when the event is', () => {
  const { controls, tick } = feeder()
  const pause = { startMs: T0 + 30_000, endMs: T0 + 3 * MINUTE, limitA: 0 }
  accept(controls[0], 16, [pause])
  expect(tick([16, 16], T0 + 26_000, [pause])).toEqual([])
  expect(tick([16, 16], T0 + 20_000)).toEqual([])
  expect(tick([16, 16], T0 + 26_000)).toEqual([{ evse: 0, limitA: 16 }])
  expect(tick([16, 16], T0 + 40_000)).toEqual([{ evse: 0, limitA: 16 }])
})

test('what a profile carries is not said anew for a little more, nor below the minimum', () => {
  const { controls, tick } = feeder()
  const part = (limitA: number) => ({ startMs: T0 + 4_000, endMs: T0 + 3 * MINUTE, limitA })
  accept(controls[0], 16, [part(10)])
  expect(tick([16, 16], T0, [part(10.9)])).toEqual([])
  accept(controls[0], 16, [part(1)])
  expect(tick([16, 16], T0, [part(5)])).toEqual([])
})
