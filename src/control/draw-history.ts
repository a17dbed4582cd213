import type { EvseState } from '../domain/evse-state.ts'
import { largest, total } from '../domain/phases.ts'
import type { Site } from '../domain/site.ts'
import { lineCount } from '../domain/wiring.ts'
import { createDrawHistory, ROW_COUNT, type DrawHistory } from '../engine/draw-history.ts'
import { magnitude } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import type { Asks } from './asks.ts'
import type { ControlRules } from './rules.ts'
import { isFollowing, lineCurrents, measuredAt, type EvseControl } from './evse-control.ts'

/** The draws of a site's EVSEs below the nodes that have a meter. */
export const newDrawHistory = (site: Site, topology: Topology): DrawHistory =>
  createDrawHistory(
    topology.nodeCount,
    Array.from(topology.evseNode, (node) => {
      const path: number[] = []
      for (let n = node; n >= 0; n = topology.parent[n]) {
        if (site.nodes[n].meterId !== null) path.push(n)
      }
      return path
    }),
  )

/**
 * Writes down each second what every EVSE may draw, and what it measured when that is new. Measured
 * line currents count as they are: what a meter shows beats the wiring in the file.
 */
export const createDrawRecorder = (
  site: Site,
  topology: Topology,
  history: DrawHistory,
  rules: ControlRules,
) => {
  const rows = new Float64Array(ROW_COUNT)
  const sampledMs = new Float64Array(topology.evseCount).fill(-Infinity)
  const isLineToLine = site.evses.map(({ wiring }) => lineCount(wiring) === 2)
  const { voltageV } = site.supply
  /** By how much the wall clock was set since the start. */
  let setMs = 0

  const record = (
    nowMs: number,
    controls: readonly EvseControl[],
    states: readonly EvseState[],
    asks: Asks,
  ): void => {
    history.open(nowMs - setMs)
    for (let e = 0; e < controls.length; e++) {
      const { measured, session, ready } = states[e]
      // Nothing is plugged in, and we would hear of it.
      if (session === null && ready) {
        if (sampledMs[e] !== -Infinity) history.forget(e)
        sampledMs[e] = -Infinity
        continue
      }
      const currentA = measured && lineCurrents(controls[e], measured)
      // A cut counts as it is followed.
      const lastA = currentA && isFollowing(controls[e], nowMs, rules) ? largest(currentA) : 0
      const mayA = Math.max(asks.mayDrawA[e], lastA)
      for (let line = 0; line < 3; line++) {
        const k = e * 3 + line
        rows[line] = mayA * magnitude(asks.draws.re[k], asks.draws.im[k])
      }
      rows[3] = mayA * asks.draws.watts[e]
      history.expect(e, rows, !ready)
      if (!currentA) continue
      const atMs = measuredAt(measured) - setMs
      if (atMs <= sampledMs[e] || atMs < controls[e].startedMs - setMs) continue
      sampledMs[e] = atMs
      for (let line = 0; line < 3; line++) {
        const k = e * 3 + line
        rows[line] =
          currentA[line] * (isLineToLine[e] ? magnitude(topology.re[k], topology.im[k]) : 1)
      }
      rows[3] = measured.powerW ?? total(currentA) * voltageV
      history.sample(e, atMs, rows)
    }
  }

  return {
    record,
    clockSet: (stepMs: number): void => {
      setMs += stepMs
    },
  }
}
