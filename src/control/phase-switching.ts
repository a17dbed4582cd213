import type { EvseState } from '../domain/evse-state.ts'
import { perPhase } from '../domain/phases.ts'
import type { PhasesFixed, Reason } from '../domain/reason.ts'
import type { Site } from '../domain/site.ts'
import { NEW_DEMAND } from '../engine/demand.ts'
import {
  beginSwitch,
  decidePhases,
  gaveUp,
  type PhaseBudget,
  type PhaseState,
} from '../engine/phase-switch.ts'
import { addLoad, clearLoads, roomFor, type Draw, type Rows } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import type { Log } from '../ports/log.ts'
import type { Asks } from './asks.ts'
import type { EventCaps } from './event-caps.ts'
import { usedLineCount, type EvseControl } from './evse-control.ts'
import { fixedCause, phaseReasons, type PhaseControl } from './phase-control.ts'
import type { ControlRules } from './rules.ts'
import { rememberedLineCount } from './vehicle.ts'
import type { PlanTargets } from './wants.ts'

/** What the decisions of one tick are made from; after the allocation. */
export interface PhaseTick {
  readonly nowMs: number
  readonly topology: Topology
  readonly states: readonly EvseState[]
  readonly asks: Asks
  /** With the caps that grants are made for. */
  readonly rows: Rows
  /** To work in. */
  readonly spareRows: Rows
  readonly grantA: Float64Array
  readonly events: EventCaps
  readonly targets: PlanTargets
}

/** A tick that comes late counts for no more than this. */
const LONGEST_TICK_S = 5

/**
 * Decides for the EVSEs that may switch between one and three phases. What one could have is what its
 * rating, events and the plan allow, and what its zones leave when all others who are served shrink
 * to their minimum, as the allocation would make them do: so a switch takes a minimum from nobody.
 * O(N depth) while there are such EVSEs, nothing otherwise.
 */
export const createPhaseSwitching = (
  parts: {
    readonly site: Site
    readonly rules: ControlRules
    readonly log: Log
  },
  controls: readonly EvseControl[],
) => {
  const { site, rules, log } = parts
  const { voltageV } = site.supply
  const switching = controls.flatMap((control) => {
    const { phases } = control
    return phases ? [{ control, phases }] : []
  })

  /** Puts the least that an EVSE is served with on the rows, or (`sign` -1) takes it off. */
  const addMinimum = (rows: Rows, tick: PhaseTick, e: number, sign: 1 | -1): void => {
    const { topology, asks, grantA } = tick
    const { phases, evse } = controls[e]
    // Who pauses to come back on three phases must find room for them.
    if (phases?.state.next === 3) return addLoad(rows, topology, topology, e, sign * evse.minA)
    const amps = asks.reservedA[e] + Math.min(asks.minA[e], grantA[e])
    addLoad(rows, topology, asks.draws, e, sign * amps)
  }

  const addMinima = (tick: PhaseTick): Rows => {
    const { capA, capW } = tick.rows
    const minimal = { ...tick.spareRows, capA, capW }
    clearLoads(minimal)
    for (let e = 0; e < controls.length; e++) addMinimum(minimal, tick, e, 1)
    return minimal
  }

  const onOne = ({ line }: PhaseControl): Draw => ({
    lines: perPhase((each) => (each === line ? 1 : 0)),
    perAmpW: voltageV,
  })

  const onThree = (control: EvseControl): Draw => {
    const count = usedLineCount(control) || 3
    const counts = (line: number): boolean => count === 3 || control.usedLines![line]
    return { lines: perPhase((line) => (counts(line) ? 1 : 0)), perAmpW: count * voltageV }
  }

  /** What the vehicle could have on so many phases, watts. */
  const couldHave = (
    { evse, index }: EvseControl,
    draw: Draw,
    onOnePhase: boolean,
    room: Rows,
    tick: PhaseTick,
  ): number => {
    const eventA = tick.events.evseLimit(evse.key, onOnePhase)?.limitA ?? Infinity
    const amps = Math.min(evse.maxA, eventA, roomFor(room, tick.topology, index, draw))
    return amps * draw.perAmpW
  }

  /** `null`: it has no wish now, whatever there is. */
  const budgetOf = (
    control: EvseControl,
    phases: PhaseControl,
    room: Rows,
    tick: PhaseTick,
  ): PhaseBudget | null => {
    const { evse, index } = control
    const { asks, events, nowMs } = tick
    const isSteered = asks.reservedA[index] === 0 && control.transactionId !== null
    // A vehicle with one line of its own gains nothing.
    const lines = usedLineCount(control) || rememberedLineCount(control)
    if (!isSteered || asks.because[index].code === 'need-met' || lines === 1) {
      return null
    }
    const target = events.follow ? null : tick.targets(evse.key, nowMs)
    const planW = target === null || target.takesSurplus ? Infinity : target.plannedW
    const three = onThree(control)
    return {
      oneW: Math.min(planW, couldHave(control, onOne(phases), true, room, tick)),
      threeW: Math.min(planW, couldHave(control, three, false, room, tick)),
      oneNeedsW: evse.minA * voltageV,
      threeNeedW: evse.minA * three.perAmpW,
    }
  }

  const changed = (
    control: EvseControl,
    phases: PhaseControl,
    before: PhaseState,
    nowMs: number,
  ): void => {
    const { state } = phases
    const { stationId, evseId } = control.evse
    if (before.next === null && state.next !== null) {
      log.info({ stationId, evseId, phases: state.next }, 'an EVSE pauses to switch phases')
    }
    if (gaveUp(before, state)) {
      phases.fixed ??= 'not-paused'
      log.warn({ stationId, evseId }, 'an EVSE did not go to 0 A and was not switched')
    }
    if (state.phases === before.phases) return
    phases.changedMs = nowMs
    // Amperes of before mean something else now, and the switch was rest enough.
    control.demand = NEW_DEMAND
    control.idleSinceMs = null
    control.offSinceMs = -Infinity
    control.lastRiseMs = -Infinity
  }

  return (tick: PhaseTick): void => {
    if (switching.length === 0) return
    const { asks, states, nowMs } = tick
    const room = addMinima(tick)
    for (const { control, phases } of switching) {
      const { index } = control
      addMinimum(room, tick, index, -1)
      const budget = budgetOf(control, phases, room, tick)
      phases.budgetW = Math.max(0, budget?.threeW ?? 0)
      phases.threePhasesW = budget?.threeNeedW ?? 0

      const before = phases.state
      const elapsedS = Math.min(LONGEST_TICK_S, (nowMs - phases.decidedMs) / 1000)
      const cause = causeOf(phases, states[index], rules)
      phases.decidedMs = nowMs
      phases.state = decidePhases(
        before,
        {
          budget,
          canSwitch: cause === null || before.phases === 1,
          isAtZero: asks.mayDrawA[index] === 0,
        },
        elapsedS,
        rules.phases,
      )
      const mustReturn = before.phases === 1 && (cause === 'ignored' || cause === 'unsupported')
      if (mustReturn && before.next === null) phases.state = beginSwitch(before, 3)
      changed(control, phases, before, nowMs)
      addMinimum(room, tick, index, 1)
    }
  }
}

const causeOf = (
  phases: PhaseControl,
  { measured, capability }: EvseState,
  rules: ControlRules,
): PhasesFixed | null => {
  const isUnmetered = measured?.powerW !== undefined && measured.currentA === undefined
  return fixedCause(phases, capability.switchesPhases, isUnmetered, rules)
}

/** What a grant says about phases, if there is something to say. */
export const phaseReasonsOf = (
  phases: PhaseControl,
  state: EvseState,
  rules: ControlRules,
): Reason[] => phaseReasons(phases, causeOf(phases, state, rules))
