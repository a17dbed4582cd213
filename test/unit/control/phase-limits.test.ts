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
import { granted } from './granted.ts'
import { session, states } from './planning/bench.ts'

const site: Site = { ...SITE, evses: [{ ...SITE.evses[0], phaseSwitch: { line: 0 } }] }
const view = createGridView(site, [1])
const topology = compileTopology(site)

/** The EVSE charges on one phase; an event leaves it 3 kW, which are 13 A there, 4.3 on three. */
const onOnePhase = (event: GridEvent, sightings: number) => {
  const nowStates = states(site, [session('car', { connectedAtMs: T0 })])
  const controls = site.evses.map((evse, e) => newEvseControl(e, evse, topology.watts[e]))
  const [control] = controls
  control.failsafeA = 6
  control.transactionId = 't'
  control.phases!.state = initialPhases(1)
  control.phases!.sightings = sightings
  control.accepted = {
    limitA: 6,
    validToMs: T0 + 20 * MINUTE,
    acceptedAtMs: T0 - 10 * MINUTE,
    previousA: 0,
    phases: 1,
    previousOthersA: 0,
    segments: [{ startMs: T0 - 10 * MINUTE, endMs: T0 + 20 * MINUTE, limitA: 6 }],
  }
  const asks = createAsks(topology)
  const timeline = buildTimeline([played(event)], view, T0 - MINUTE, T0 + 60 * MINUTE)
  const caps = capsOf(timeline.at(T0), view)
  fillReserved(asks, topology, site, controls, nowStates, T0, RULES)
  const context = { nowMs: T0, site, rules: RULES, events: caps, targets: () => null }
  fillAsks(asks, controls, nowStates, context)
  const foresee = createForesight(
    site,
    topology,
    asks,
    controls,
  )({
    nowMs: T0 - MINUTE,
    states: nowStates,
    coming: [{ atMs: T0, caps }],
    grantA: Float64Array.of(32),
    loads: [],
  })
  const foreseen = foresee(0, 32, T0 + MINUTE).map(({ limitA }) => limitA)
  const [nowA] = granted(site, asks, nowStates, caps).amps
  return { nowA, foreseen }
}

describe.each([
  ['each EVSE', gridEvent('e', { scope: 'evse' }, [3_000])],
  ['a station', gridEvent('e', {}, [3_000], { targets: ['s1'] })],
])('a limit in watts for %s', (_, event) => {
  test('is all on one phase where that can be trusted', () => {
    const { nowA, foreseen } = onOnePhase(event, SIGHTINGS)
    expect(nowA).toBe(13)
    expect(foreseen[1]).toBeCloseTo(3_000 / 230)
  })

  test('counts on all phases until then, on which it is less than the minimum', () => {
    const { nowA, foreseen } = onOnePhase(event, SIGHTINGS - 1)
    expect(nowA).toBe(0)
    expect(foreseen[1]).toBeCloseTo(3_000 / 690)
  })
})
