import { describe, expect, test } from 'vitest'
import { createAsks } from '../../../src/control/asks.ts'
import { capsOf, type Drawn } from '../../../src/control/event-caps.ts'
import { newEvseControl } from '../../../src/control/evse-control.ts'
import { createForesight } from '../../../src/control/foresight.ts'
import type { Site } from '../../../src/domain/site.ts'
import { buildTimeline } from '../../../src/engine/timeline.ts'
import { createGridView } from '../../../src/engine/timeline/grid-view.ts'
import { compileTopology } from '../../../src/engine/topology.ts'
import { gridEvent, MINUTE, played, SITE, T0 } from '../../fixtures/grid-site.ts'
import { loads, session, states } from './planning/bench.ts'

const view = createGridView(SITE, [1])
const topology = compileTopology(SITE)

const segmentOf = (event: ReturnType<typeof gridEvent>) =>
  buildTimeline([played(event)], view, T0 - MINUTE, T0 + 60 * MINUTE).at(T0)

describe('a limit of a set that is no node', () => {
  const segment = segmentOf(gridEvent('e', {}, [13_800], { targets: ['s1', 's2'] }))

  /** Amperes of s1 and s2 under 13.8 kW together, which are 20 A on three phases. */
  const limitsA = (mayDrawA: number[], reservedA: number[] = [], present = [true, true]) => {
    const sessions = present.map((is, e) => (is ? session(`s${e + 1}`) : null))
    const asks: Drawn = createAsks(topology)
    asks.mayDrawA.set(mayDrawA)
    asks.reservedA.set(reservedA)
    const caps = capsOf(segment, view, states(SITE, sessions), asks)
    return ['s1/1', 's2/1'].map((key) => caps.evseLimit(key)?.limitA ?? null)
  }

  test('is divided by rating', () => {
    expect(limitsA([10, 10])).toEqual([10, 10])
    expect(limitsA([32, 32])).toEqual([10, 10])
  })

  test('leaves room for what one may draw that cannot be told anything', () => {
    const [refusing, other] = limitsA([16, 4], [16, 0])
    // What it would be told, so that it is asked again soon.
    expect(refusing).toBeCloseTo(10)
    expect(other).toBeCloseTo(4)
    expect(limitsA([32, 4], [32, 0])[1]).toBe(0)
  })

  test('lets nobody rise before the others have made room', () => {
    const [above, below] = limitsA([16, 0])
    expect(above).toBeCloseTo(10)
    expect(below).toBeCloseTo(4)
    expect(limitsA([10, 0])[1]).toBeCloseTo(10)
  })

  test('keeps nothing for an EVSE without a vehicle', () => {
    expect(limitsA([6, 6], [6, 0], [false, true])).toEqual([null, 20])
  })
})

test('a building above the limit to come leaves 0 A to who has nothing now, not NaN', () => {
  const site: Site = SITE
  const segment = segmentOf(gridEvent('e', { scope: 'connection' }, [10_000]))
  const nowStates = states(site, [session('a')])
  const asks = createAsks(topology)
  const controls = site.evses.map((evse, e) => newEvseControl(e, evse, topology.watts[e]))
  const foresee = createForesight(
    site,
    topology,
    asks,
    controls,
  )({
    nowMs: T0 - MINUTE,
    coming: [{ atMs: T0, caps: capsOf(segment, view, nowStates, asks) }],
    grantA: new Float64Array(4),
    loads: loads(site, 20_000),
  })
  expect(foresee(0, 6, T0 + MINUTE).map(({ limitA }) => limitA)).toEqual([6, 0])
})
