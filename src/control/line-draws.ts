import type { EvseState } from '../domain/evse-state.ts'
import { total, type PerPhase } from '../domain/phases.ts'
import type { Site } from '../domain/site.ts'
import { lineCount } from '../domain/wiring.ts'
import type { Draws } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import { mayDrawOthers } from './draw-state.ts'
import { countsLine, type EvseControl } from './evse-control.ts'
import { isTrusted } from './phase-control.ts'
import type { ControlRules } from './rules.ts'

/**
 * What an EVSE may draw on the lines that one phase leaves out, as a part of what it may draw on its
 * own; 1 = the same, as on three phases and until one phase can be trusted.
 */
export const othersShare = (
  control: EvseControl,
  state: EvseState,
  mayA: number,
  nowMs: number,
  rules: ControlRules,
): number => {
  const { phases } = control
  if (phases?.state.phases !== 1) return 1
  if (mayA === 0) return isTrusted(phases) ? 0 : 1
  return Math.min(1, mayDrawOthers(control, phases, state, nowMs, rules) / mayA)
}

/**
 * Lines that the vehicle uses, and watts at the voltage that is measured when it is above nominal.
 * What it takes beyond its limit by a few percent counts with it.
 */
export const fillDraws = (
  draws: Draws,
  topology: Topology,
  site: Site,
  control: EvseControl,
  state: EvseState,
  others: number,
): void => {
  const e = control.index
  const ownLine = control.phases?.state.phases === 1 ? control.phases.line : -1
  const { takes } = control.response
  let lines = 0
  for (let line = 0; line < 3; line++) {
    const part = line === ownLine ? 1 : countsLine(control, line) ? others : 0
    const k = e * 3 + line
    draws.re[k] = takes * part * topology.re[k]
    draws.im[k] = takes * part * topology.im[k]
    if (topology.re[k] !== 0 || topology.im[k] !== 0) lines += part
  }
  const all = lineCount(control.evse.wiring)
  // A three-phase EVSE with a vehicle on fewer lines draws that part of its power.
  const part = all === 3 ? lines / 3 : 1
  const voltage = state.measured?.voltageV
  const measuredV = voltage ? meanVoltage(voltage) : 0
  const above = all === 2 ? 1 : Math.min(1.15, Math.max(1, measuredV / site.supply.voltageV))
  draws.watts[e] = topology.watts[e] * part * above * takes
}

/** Of the lines that have one. */
const meanVoltage = (voltageV: PerPhase): number => {
  let live = 0
  for (let line = 0; line < 3; line++) if (voltageV[line] > 0) live++
  return total(voltageV) / Math.max(1, live)
}
