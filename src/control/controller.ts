import type { ProfileRecord } from '../domain/charging-profile.ts'
import type { EvseState } from '../domain/evse-state.ts'
import type { Site } from '../domain/site.ts'
import { applyCaps } from '../engine/binding.ts'
import { addLoad, blockingRow } from '../engine/rows.ts'
import type { Timeline } from '../engine/timeline.ts'
import type { GridView } from '../engine/timeline/grid-view.ts'
import { compileTopology, type Topology } from '../engine/topology.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conditions } from '../ports/conditions.ts'
import type { Fabric } from '../ports/fabric.ts'
import type { Fleet } from '../ports/fleet.ts'
import type { Log } from '../ports/log.ts'
import type { Readings } from '../ports/readings.ts'
import type { StationGateway } from '../ports/station-gateway.ts'
import type { Storage } from '../ports/storage.ts'
import { afterStep, createStepWatch } from './clock-step.ts'
import { createAsks, fillAsks, fillReserved, idlePower, type Asks } from './asks.ts'
import { siteCaps } from './caps.ts'
import { createCommands } from './commands.ts'
import { capsOf } from './event-caps.ts'
import { createDrawRecorder, newDrawHistory } from './draw-history.ts'
import { endRest, inForceA, newEvseControl, observe, type EvseControl } from './evse-control.ts'
import { comingCaps, createForesight } from './foresight.ts'
import { createGrants } from './grants.ts'
import { createInspection } from './inspection.ts'
import { createNodeLoads, isOverloaded, type NodeLoad } from './node-loads.ts'
import { createRemoteStart } from './ladders/remote-start.ts'
import { createRestarts } from './ladders/restart.ts'
import { createPhaseSwitching } from './phase-switching.ts'
import { createProfileRecords } from './profile-records.ts'
import { createReconciler } from './reconciler.ts'
import { restoreControl } from './restore.ts'
import type { ControlRules } from './rules.ts'
import { createSettling } from './settling.ts'
import { createSilence } from './silence.ts'
import { createTraitMemory } from './trait-memory.ts'
import { createVehicles } from './vehicles.ts'
import { createView, type SiteView } from './view.ts'
import type { PlanTargets } from './wants.ts'
import { createZones } from './zones.ts'

export interface ControllerDeps {
  readonly site: Site
  readonly clock: Clock
  readonly fleet: Fleet
  readonly gateway: StationGateway
  readonly readings: Readings
  readonly storage: Storage
  readonly fabric: Fabric
  readonly log: Log
  readonly conditions: Conditions
  readonly rules: ControlRules
  readonly gridView: GridView
  /** What events say, from an instant on. */
  readonly timeline: (nowMs: number) => Timeline
  /** The plan of this site, if it has one. */
  readonly planning: Planning | null
}

/** How the controller and the planner of a site meet. */
export interface Planning {
  /** What a planning problem is made from, refreshed each tick. */
  observe(tick: PlanTick): void
  readonly target: PlanTargets
}

export interface PlanTick {
  readonly nowMs: number
  readonly topology: Topology
  readonly controls: readonly EvseControl[]
  readonly states: readonly EvseState[]
  readonly asks: Asks
  readonly loads: readonly NodeLoad[]
  readonly timeline: Timeline
}

export interface Controller {
  /** Brings back accepted profiles; must be done before the first tick. */
  load(): Promise<void>
  /** Decides once and sends what follows from it. Never throws. */
  tick(): void
  view(): SiteView
  /** Power through the grid connection as of the last tick, watts; `null` before the first. */
  grid(): number | null
  /** The same through any node of the site. */
  nodeW(nodeId: string): number | null
  profiles(): readonly ProfileRecord[]
}

/**
 * The control loop of one site. Each tick takes a snapshot (fleet, meters, events, plan), decides
 * purely (who may draw how much), compares with what the stations hold, and commands.
 */
export const createController = (deps: ControllerDeps): Controller => {
  const { site, clock, fleet, readings, storage, fabric, log, rules } = deps
  const tree = compileTopology(site)
  /** Why the site is on its failsafe. */
  let broken: string | null = null
  const controls = site.evses.map((evse, index) =>
    newEvseControl(index, evse, tree.watts[index] * evse.efficiency),
  )
  const asks = createAsks(tree)
  const zonesOf = createZones(tree)
  const drawHistory = newDrawHistory(site, tree)
  const draws = createDrawRecorder(site, tree, drawHistory, rules)
  const nodeLoads = createNodeLoads(site, tree, readings, drawHistory, rules.holdMs)
  const records = createProfileRecords(storage)
  const commandDeps = { site, clock, gateway: deps.gateway, records, log, rules }
  const commands = createCommands(commandDeps)
  const traits = createTraitMemory(storage)
  const vehicles = createVehicles(traits)
  const restarts = createRestarts({
    clock,
    log,
    start: createRemoteStart(commandDeps),
    traits,
    conditions: deps.conditions,
    isAllowed: rules.remoteStart,
  })
  const reconcile = createReconciler(tree.evseCount, commands, rules)
  const grants = createGrants({ storage, fabric, records, rules })
  const view = createView(site, tree, () => broken)
  const foresee = createForesight(site, tree, asks, controls)
  const switchPhases = createPhaseSwitching({ site, rules, log }, controls)
  const hasSettled = createSettling()
  const inspect = createInspection(commandDeps)
  const silence = createSilence(site, tree, rules)
  const stepOf = createStepWatch(clock)
  const targets: PlanTargets = deps.planning?.target ?? (() => null)

  /** The wall clock was set: no interval may be taken from before to after it. */
  const followStep = (stepMs: number): void => {
    for (const control of controls) afterStep(control, stepMs)
    nodeLoads.clockSet(stepMs)
    draws.clockSet(stepMs)
    const fields = { siteId: site.id, stepS: Math.round(stepMs / 1000) }
    log.warn(fields, 'the clock of this machine was set, every limit is asserted again')
  }

  const decide = (nowMs: number): void => {
    const states = fleet.states()
    for (let e = 0; e < controls.length; e++) {
      if (states[e].ready !== controls[e].ready) {
        controls[e].ready = states[e].ready
        controls[e].sinceMs = nowMs
      }
      if (states[e].generation !== controls[e].generation) {
        controls[e].generation = states[e].generation
        // A new connection is what makes a station answer again.
        if (controls[e].unansweredSinceMs !== null) controls[e].retryAtMs = 0
      }
      observe(controls[e], states[e], nowMs, rules)
      restarts.follow(controls[e], states[e], nowMs)
      vehicles.follow(controls[e], states[e], nowMs)
    }
    const timeline = deps.timeline(nowMs)
    fillReserved(asks, tree, site, controls, states, nowMs, rules)
    const events = capsOf(timeline.at(nowMs), deps.gridView)
    const { topology, allocate, bindings, rows, guardRows, spareRows, silentRows } = zonesOf(events)
    for (const control of controls) endRest(control, events.active)
    fillAsks(asks, controls, states, { nowMs, site, rules, events, targets })
    draws.record(nowMs, controls, states, asks)
    const loads = nodeLoads.update(nowMs)
    const idleW = idlePower(topology, asks, states)
    const caps = siteCaps(topology, site, loads, events, idleW, 0)
    applyCaps(rows, caps)
    const input = { ...asks, rows, stepA: 1 }
    const allocation = allocate(input)
    const { grantA } = allocation
    switchPhases({ nowMs, topology, states, asks, rows, spareRows, grantA, events, targets })
    const bindingOf = bindings({ input, allocation, caps, freedA: asks.freedA, nowMs })
    const decided = { nowMs, controls, states, asks, events, allocation, topology, caps, bindingOf }
    grants.decide(decided)
    view.update({ nowMs, controls, states, asks, loads, events })

    applyCaps(guardRows, siteCaps(topology, site, loads, events, idleW, rules.guard))
    silence.update({ nowMs, topology, rows: silentRows, loads, events, idleW, controls, asks })
    const coming = comingCaps(timeline, deps.gridView, nowMs, rules)
    reconcile({
      nowMs,
      topology,
      controls,
      states,
      asks,
      grantA,
      rows,
      guardRows,
      isOverloaded: (n) => isOverloaded(loads[n], site.nodes[n]),
      segments: foresee({ nowMs, states, coming, grantA, loads }),
      silence,
      held: (evse, reason) => grants.hold(controls[evse], reason),
    })
    for (const control of controls) {
      const { overruledA: limitA, evse } = control
      if (limitA === null) continue
      const { failsafeA } = evse
      grants.hold(control, { code: 'failsafe-overruled', failsafeA, limitA })
    }
    inspect(controls, states)
    for (let e = 0; e < controls.length; e++) {
      restarts.step(controls[e], states[e], grantA[e], asks.minA[e], () => {
        const riseA = Math.max(0, asks.minA[e] - asks.mayDrawA[e])
        if (blockingRow(rows, topology, asks.draws, e, riseA)) return false
        addLoad(rows, topology, asks.draws, e, riseA)
        return true
      })
    }
    grants.publish(nowMs, controls)
    if (hasSettled(nowMs, states)) {
      deps.planning?.observe({ nowMs, topology: tree, controls, states, asks, loads, timeline })
    }
  }

  /** A broken invariant: nobody gets more than its failsafe until ticks succeed again. */
  const fallBack = (nowMs: number, error: unknown): void => {
    const cause = error instanceof Error ? error.message : String(error)
    if (broken === null) {
      log.error({ siteId: site.id, err: error }, 'the control tick failed, the site is on failsafe')
      fabric.publish({ kind: 'site', id: site.id, atMs: nowMs, data: { failsafe: cause } })
    }
    broken = cause
    const states = fleet.states()
    for (const control of controls) {
      const failsafeA = control.failsafeA ?? control.evse.failsafeA
      const limitA = Math.min(inForceA(control, nowMs), failsafeA)
      control.grant = { key: control.evse.key, limitA, reasons: [{ code: 'failsafe', cause }] }
      const above = (control.accepted?.limitA ?? 0) > failsafeA
      const state = states[control.index]
      if (!above || !state.ready || control.inFlight || nowMs < control.retryAtMs) continue
      if (state.clockMs === null) continue
      const untilMs = nowMs + rules.restrictiveValidityMs
      void commands.setLimit(control, state, [
        { startMs: nowMs, endMs: untilMs, limitA: failsafeA },
      ])
    }
    grants.publish(nowMs, controls)
  }

  return {
    load: async () => {
      await records.load()
      await traits.load()
      for (const control of controls) restoreControl(control, records, clock.now())
    },
    tick: () => {
      const nowMs = clock.now()
      try {
        const stepMs = stepOf()
        if (stepMs !== 0) followStep(stepMs)
        decide(nowMs)
        if (broken !== null) {
          log.info({ siteId: site.id }, 'the control tick works again')
          fabric.publish({ kind: 'site', id: site.id, atMs: nowMs, data: { failsafe: null } })
          broken = null
        }
      } catch (error) {
        fallBack(nowMs, error)
      }
    },
    view: view.current,
    grid: () => view.nodeW(site.nodes[0].id),
    nodeW: view.nodeW,
    profiles: records.all,
  }
}
