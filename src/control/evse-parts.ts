import type { EvseState } from '../domain/evse-state.ts'
import { largest } from '../domain/phases.ts'
import { magnitude } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import type { Asks } from './asks.ts'
import { inForceA, lineCurrents, measuredAt, type EvseControl } from './evse-control.ts'
import type { EvseParts } from './node-loads.ts'
import type { ControlRules } from './rules.ts'

/**
 * What the EVSEs' own meters say for each node, and how much they may draw beyond it without our
 * knowing yet. Line-to-line currents count with their in-phase part where less is safe and with
 * their length where more is.
 */
export const createEvseParts = (topology: Topology) => {
  const parts: EvseParts = {
    lowA: new Float64Array(topology.nodeCount * 3),
    slackA: new Float64Array(topology.nodeCount * 3),
    lowW: new Float64Array(topology.nodeCount),
    slackW: new Float64Array(topology.nodeCount),
    silent: new Uint8Array(topology.nodeCount),
    oldestMs: new Float64Array(topology.nodeCount),
  }

  /** Of the EVSE that is being added. */
  const inPhaseA = new Float64Array(3)
  const slackA = new Float64Array(3)

  const add = (
    e: number,
    draws: Asks['draws'],
    lowA: readonly number[] | null,
    lowW: number,
    slack: number,
    ageMs: number,
    silent: boolean,
  ): void => {
    const { watts } = draws
    for (let line = 0; line < 3; line++) {
      const k = e * 3 + line
      inPhaseA[line] = lowA ? lowA[line] * draws.re[k] : 0
      slackA[line] = slack * magnitude(draws.re[k], draws.im[k])
    }
    for (let node = topology.evseNode[e]; node >= 0; node = topology.parent[node]) {
      for (let line = 0; line < 3; line++) {
        parts.lowA[node * 3 + line] += inPhaseA[line]
        parts.slackA[node * 3 + line] += slackA[line]
      }
      parts.lowW[node] += lowW
      parts.slackW[node] += slack * watts[e]
      if (lowA) parts.oldestMs[node] = Math.max(parts.oldestMs[node], ageMs)
      if (silent) parts.silent[node] = 1
    }
  }

  return (
    controls: readonly EvseControl[],
    states: readonly EvseState[],
    asks: Asks,
    nowMs: number,
    rules: ControlRules,
  ): EvseParts => {
    for (const sums of Object.values(parts)) sums.fill(0)
    for (let e = 0; e < controls.length; e++) {
      const control = controls[e]
      const { measured, session, ready } = states[e]
      if (session === null && ready) continue
      const currentA = measured && lineCurrents(control, measured)
      const ageMs = currentA ? nowMs - measuredAt(measured) : Infinity
      if (!currentA || ageMs > rules.draw.freshMs) {
        // Not heard yet: a car that just began draws something that nobody reported.
        const begins = nowMs - control.startedMs <= rules.draw.freshMs
        if (begins) add(e, asks.draws, null, 0, asks.mayDrawA[e], ageMs, !ready)
        continue
      }
      const drawA = largest(currentA)
      if (!ready) {
        add(e, asks.draws, null, 0, Math.min(drawA, asks.mayDrawA[e]), ageMs, true)
        continue
      }
      const limitA = inForceA(control, nowMs)
      const lowA = currentA.map((amps) => Math.min(amps, limitA))
      const lowW = Math.min(measured.powerW ?? 0, limitA * asks.draws.watts[e])
      // What it measured before it had followed a change does not show that change, or half of it.
      const raisedMs = Math.max(control.lastRiseMs, control.startedMs)
      const raised = raisedMs + rules.followMs >= measuredAt(measured)
      const follows = nowMs - (control.accepted?.acceptedAtMs ?? -Infinity) <= rules.followMs
      const mostA = Math.max(raised ? asks.mayDrawA[e] : 0, follows ? drawA : 0)
      const slack = Math.max(0, mostA - Math.min(drawA, limitA))
      add(e, asks.draws, lowA, lowW, slack, ageMs, false)
    }
    return parts
  }
}
