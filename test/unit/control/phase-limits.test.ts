import { describe, expect, test } from 'vitest'
import { createAsks, fillAsks, fillReserved } from '../../../src/control/asks.ts'
import { capsOf } from '../../../src/control/event-caps.ts'
import { newEvseControl } from '../../../src/control/evse-control.ts'
import { createForesight } from '../../../src/control/foresight.ts'
import { SIGHTINGS } from '../../../src/control/phase-control.ts'
import { DEFAULT_RULES as RULES } from '../../../src/control/rules.ts'
import type { Site } from '../../../src/domain/site.ts'
import type { GridEvent } from '../../../src/domain/signal.ts'
import { initialPhases } from '../../../src/engine/phase-switch.ts'
import { buildTimeline } from '../../../src/engine/timeline.ts'
import { createGridView } from '../../../src/engine/timeline/grid-view.ts'
import { compileTopology } from '../../../src/engine/topology.ts'
import { gridEvent, MINUTE, played, SITE, T0 } from '../../fixtures/grid-site.ts'
import { session, states } from './planning/bench.ts'

const site: Site = {
  ...SITE,
  evses: [{ ...SITE.evses[0], phaseSwitch: { line: 0 } }, ...SITE.evses.slice(1)],
}
const view = createGridView(site, [1])
const topology = compileTopology(site)

/** The first EVSE charges on one phase; an event leaves it 3 kW, which are 13 A there, 4.3 on three. */
const onOnePhase = (event: GridEvent, sightings: number) => {
  const nowStates = states(site, [session('car', { connectedAtMs: T0 })])
  const controls = site.evses.map((evse, e) => newEvseControl(e, evse, topology.watts[e]))
  const [control] = controls
  control.failsafeA = 6
  control.transactionId = 't'
  control.phases!.state = initialPhases(1)
  control.phases!.sightings = sightings
  const asks = createAsks(topology)
  const timeline = buildTimeline([played(event)], view, T0 - MINUTE, T0 + 60 * MINUTE)
  const caps = capsOf(timeline.at(T0), view, nowStates)
  fillReserved(asks, topology, site, controls, nowStates, T0, RULES)
  fillAsks(asks, site, controls, nowStates, caps, () => null, T0, RULES)
  const foresee = createForesight(
    site,
    topology,
    asks,
    controls,
  )({
    nowMs: T0 - MINUTE,
    coming: [{ atMs: T0, caps }],
    grantA: Float64Array.from([32, 0, 0, 0]),
    loads: [],
  })
  const foreseen = foresee(0, 32, T0 + MINUTE).map(({ limitA }) => limitA)
  return { nowA: asks.maxA[0], foreseen }
}

describe.each([
  ['each EVSE', gridEvent('e', { scope: 'evse' }, [3_000])],
  ['a station', gridEvent('e', {}, [3_000], { targets: ['s1'] })],
])('a limit in watts for %s', (_, event) => {
  test('is all on one phase where that can be trusted', () => {
    const { nowA, foreseen } = onOnePhase(event, SIGHTINGS)
    expect(nowA).toBeCloseTo(3_000 / 230)
    expect(foreseen).toEqual([32, nowA])
  })

  test('counts on all phases until then', () => {
    const { nowA, foreseen } = onOnePhase(event, SIGHTINGS - 1)
    expect(nowA).toBeCloseTo(3_000 / 690)
    expect(foreseen).toEqual([32, nowA])
  })
})
