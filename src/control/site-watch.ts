import type { EvseState } from '../domain/evse-state.ts'
import { largest, PHASES } from '../domain/phases.ts'
import type { Node, Site } from '../domain/site.ts'
import { obeys } from '../engine/may-draw.ts'
import type { EvseView, NodeView, SiteView } from './view.ts'
import type { Sighting } from './watch.ts'

/** A peak that fuses and people do not notice. */
const OVER_MS = 5_000
/** A vehicle has followed by then, and its station has measured it. */
const FOLLOWS_MS = 15_000
/** A station that measures does so more often. */
const SAMPLES_MS = 180_000

/** What needs attention at a site as the last tick saw it: nodes above their limit, odd stations. */
export const watchSite = function* (
  site: Site,
  view: SiteView,
  states: readonly EvseState[],
  nowMs: number,
): Generator<Sighting> {
  const nodes = new Map(site.nodes.map((node) => [node.id, node]))
  for (const node of view.nodes) {
    yield* overload(nodes.get(node.id)!, node)
    yield* contradiction(node)
  }
  for (const [index, evse] of view.evses.entries()) {
    const state = states[index]
    if (!state.ready || state.session?.transactionId == null) continue
    yield* disobedience(evse)
    yield* silence(evse.key, state, nowMs)
  }
}

const overload = function* (node: Node, { loadA, loadW }: NodeView): Generator<Sighting> {
  const { id, name, limitA, limitW } = node
  const lines = PHASES.flatMap((phase, line) =>
    limitA !== null && loadA[line] > limitA[line] + 0.05
      ? [`${shown(loadA[line])} A of ${shown(limitA[line])} A on ${phase}`]
      : [],
  )
  if (limitW !== null && loadW > limitW + 50) {
    lines.push(`${shown(loadW / 1000)} kW of ${shown(limitW / 1000)} kW`)
  }
  if (lines.length === 0) return
  yield {
    kind: 'node-over-limit',
    severity: 'alarm',
    what: `${name} is above its limit: ${lines.join(', ')}`,
    where: id,
    remedy:
      'Reduce the loads that Busbar does not control, and check the stations behind this node',
    afterMs: OVER_MS,
  }
}

const contradiction = function* ({ id, problems }: NodeView): Generator<Sighting> {
  for (const problem of problems) {
    if (problem.code !== 'meter-contradicted') continue
    const { meterId, meteredA, devicesA } = problem
    yield {
      kind: 'meter-contradicted',
      severity: 'alarm',
      what:
        `Meter ${meterId} shows ${shown(meteredA)} A while the chargers behind it draw ` +
        `${shown(devicesA)} A; the design load of node ${id} counts instead`,
      where: meterId,
      remedy: 'Check the direction and ratio of its current transformers, its unit and its gateway',
      afterMs: 0,
    }
  }
}

const disobedience = function* ({ key, drawA, inForceA }: EvseView): Generator<Sighting> {
  if (drawA === null || obeys(largest(drawA), inForceA)) return
  yield {
    kind: 'station-disobeys',
    severity: 'alarm',
    what: `${key} draws ${shown(largest(drawA))} A although it accepted ${shown(inForceA)} A`,
    where: key,
    remedy: 'Restart the station and check its firmware and its own load management settings',
    afterMs: FOLLOWS_MS,
  }
}

const silence = function* (
  key: string,
  { measured, session }: EvseState,
  nowMs: number,
): Generator<Sighting> {
  const heardMs = Math.max(measured?.receivedAtMs ?? 0, session?.startedAtMs ?? 0)
  if (nowMs - heardMs < SAMPLES_MS) return
  yield {
    kind: 'station-without-samples',
    severity: 'warning',
    what: `${key} is charging but sends no meter samples, so nothing shows whether it obeys`,
    where: key,
    remedy: 'Enable sampled currents in the settings of the station (MeterValueSampleInterval)',
    afterMs: 0,
  }
}

const shown = (value: number): string => String(Math.round(value * 10) / 10)
