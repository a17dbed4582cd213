import { describe, expect, test } from 'vitest'
import { createAsks, type Asks } from '../../../src/control/asks.ts'
import { capsOf } from '../../../src/control/event-caps.ts'
import { newEvseControl } from '../../../src/control/evse-control.ts'
import { createForesight } from '../../../src/control/foresight.ts'
import type { Site } from '../../../src/domain/site.ts'
import { buildTimeline } from '../../../src/engine/timeline.ts'
import { createGridView } from '../../../src/engine/timeline/grid-view.ts'
import { compileTopology } from '../../../src/engine/topology.ts'
import { gridEvent, MINUTE, played, SITE, T0 } from '../../fixtures/grid-site.ts'
import { granted } from './granted.ts'
import { loads, session, states } from './planning/bench.ts'

const view = createGridView(SITE, [1])
const topology = compileTopology(SITE)

const segmentOf = (event: ReturnType<typeof gridEvent>) =>
  buildTimeline([played(event)], view, T0 - MINUTE, T0 + 60 * MINUTE).at(T0)

describe('a limit of a set that is no node', () => {
  const caps = capsOf(segmentOf(gridEvent('e', {}, [13_800], { targets: ['s1', 's3/1'] })), view)

  /** Everybody may have 32 A; `more` says what is different. Under 13.8 kW for s1/1 and s3/1. */
  const underLimit = (more: (asks: Asks) => void = () => {}, present = [true, true, true]) => {
    const sessions = present.map((is, e) => (is ? session(`s${e + 1}`) : null))
    const asks = createAsks(topology)
    asks.minA.fill(6)
    asks.maxA.fill(32)
    asks.surplusA.fill(32)
    more(asks)
    const { amps, stoppedBy } = granted(SITE, asks, states(SITE, sessions), caps)
    return { amps: [amps[0], amps[2]], others: [amps[1], amps[3]], stoppedBy }
  }

  test('is shared evenly, in whole amperes, and leaves the others alone', () => {
    const { amps, others, stoppedBy } = underLimit()
    // On three phases and on one they are 13.8 kW.
    expect(amps).toEqual([15, 15])
    expect(others).toEqual([32, 32])
    const why = { code: 'event-limit', eventId: 'e', limitW: 13_800, evses: 2 }
    expect(stoppedBy[0]).toEqual(why)
    expect(stoppedBy[2]).toEqual(why)
  })

  test('what one does not use, another has', () => {
    const { amps } = underLimit((asks) => {
      asks.maxA[2] = asks.surplusA[2] = 6
    })
    expect(amps).toEqual([18, 6])
  })

  test('leaves room for what one may draw that cannot be told anything', () => {
    const { amps } = underLimit((asks) => {
      asks.reservedA[2] = 32
      asks.maxA[2] = asks.surplusA[2] = 0
    })
    expect(amps).toEqual([9, 0])
  })

  test('keeps nothing for an EVSE without a vehicle', () => {
    const { amps } = underLimit(
      (asks) => {
        asks.reservedA[2] = 6
        asks.maxA[2] = asks.surplusA[2] = 0
      },
      [true, true, false],
    )
    expect(amps[0]).toBe(20)
  })

  test('serves some rather than nobody where there is no minimum for all, whose turn it is first', () => {
    const tight = capsOf(
      segmentOf(gridEvent('e', {}, [4_500], { targets: ['s1', 's2', 's3/1'] })),
      view,
    )
    const turn = (ranks: number[]): number[] => {
      const asks = createAsks(topology)
      asks.minA.fill(6)
      asks.maxA.fill(32)
      asks.surplusA.fill(32)
      asks.rank.set(ranks)
      const sessions = SITE.evses.map((_, e) => session(`s${e + 1}`))
      return granted(SITE, asks, states(SITE, sessions), tight).amps
    }
    expect(turn([1, 2, 3, 0])).toEqual([6, 0, 0, 32])
    expect(turn([2, 1, 3, 0])).toEqual([0, 6, 0, 32])
    expect(turn([3, 2, 1, 0])).toEqual([0, 0, 19, 32])
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
    states: nowStates,
    coming: [{ atMs: T0, caps: capsOf(segment, view) }],
    grantA: new Float64Array(4),
    loads: loads(site, 20_000),
  })
  expect(foresee(0, 6, T0 + MINUTE).map(({ limitA }) => limitA)).toEqual([6, 0])
})
