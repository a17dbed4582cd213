import { importAt, peakKw } from './connection.ts'
import type { Model } from './model.ts'
import type { WarmStart } from './problem.ts'
import type { Relaxation } from './relaxation.ts'

/**
 * Carries duals and profiles from one solve to the next. Limits are known by what they are
 * (`phase:panel-3:1:0`: kind, node, line, n-th of these; `peak:0`), devices by their id, steps by
 * their time, so that a plan of 15 minutes ago fits after cars have come and gone.
 */
type Names = readonly { readonly name: string; readonly row: number }[]

/** First row and name of every block. */
const blockNames = ({ model, rows }: Relaxation): Names => {
  const { network, steps, problem } = model
  const seen = new Map<string, number>()
  const names = network.blocks.map(({ kind, node, line }, b) => {
    const key = `${kind}:${problem.nodes[node].id}:${line}`
    const nth = seen.get(key) ?? 0
    seen.set(key, nth + 1)
    return { name: `${key}:${nth}`, row: b * steps }
  })
  if (rows.surplus >= 0) names.push({ name: 'surplus', row: rows.surplus })
  if (rows.setpoint >= 0) names.push({ name: 'setpoint', row: rows.setpoint })
  rows.peaks.forEach((row, k) => names.push({ name: `peak:${k}`, row }))
  return names
}

export const warmStartOf = (relaxation: Relaxation): WarmStart => {
  const { model, duals, evs, batteries } = relaxation
  const { problem, steps } = model
  const priced: Record<string, Float64Array> = {}
  for (const { name, row } of blockNames(relaxation)) {
    const values = duals.slice(row, row + steps)
    if (values.some((value) => value !== 0)) priced[name] = values
  }
  const profiles: Record<string, Float32Array> = {}
  problem.evs.forEach(({ id }, i) => {
    const { from, offset } = model.evs
    const profile = new Float32Array(steps)
    profile.set(evs.profile.subarray(offset[i], offset[i + 1]), from[i])
    profiles[id] = profile
  })
  problem.batteries.forEach(({ id }, i) => {
    const { from, offset } = model.batteries
    const profile = new Float32Array(steps)
    for (let k = offset[i]; k < offset[i + 1]; k++) {
      profile[from[i] + k - offset[i]] = batteries.charge[k] - batteries.discharge[k]
    }
    profiles[id] = profile
  })
  return { startMs: problem.startMs, stepS: problem.stepS, duals: priced, profiles }
}

/** The step of the earlier horizon that covers step t; -1 when none does. */
const earlierStep = (model: Model, warm: WarmStart, t: number): number => {
  const { startMs, stepS } = model.problem
  const middleMs = startMs + (t + 0.5) * stepS * 1000
  const step = Math.floor((middleMs - warm.startMs) / (warm.stepS * 1000))
  return step >= 0 ? step : -1
}

const takeDuals = (relaxation: Relaxation, warm: WarmStart, steps: Int32Array): void => {
  const { duals, rows } = relaxation
  for (const { name, row } of blockNames(relaxation)) {
    const values = warm.duals[name]
    if (values === undefined) continue
    steps.forEach((step, t) => {
      if (step < 0 || step >= values.length || rows.can[row + t] === 0) return
      duals[row + t] = Math.min(rows.high[row + t], Math.max(rows.low[row + t], values[step]))
    })
  }
}

/** Sets the centres of all devices that were there before; returns the part that were. */
const takeProfiles = (relaxation: Relaxation, warm: WarmStart, steps: Int32Array): number => {
  const { model, evs, batteries } = relaxation
  let known = 0
  model.problem.evs.forEach(({ id }, i) => {
    const { from, to, offset, top, topAt } = model.evs
    const profile = warm.profiles[id]
    if (profile === undefined) return
    known++
    for (let t = from[i]; t < to[i]; t++) {
      const part = steps[t] < 0 ? 0 : (profile[steps[t]] ?? 0)
      evs.centre[offset[i] + t - from[i]] = Math.min(part, top[topAt[i] + t - from[i]])
    }
  })
  model.problem.batteries.forEach(({ id }, i) => {
    const { from, to, offset } = model.batteries
    const profile = warm.profiles[id]
    if (profile === undefined) return
    known++
    for (let t = from[i]; t < to[i]; t++) {
      const part = steps[t] < 0 ? 0 : (profile[steps[t]] ?? 0)
      batteries.chargeCentre[offset[i] + t - from[i]] = Math.max(0, part)
      batteries.dischargeCentre[offset[i] + t - from[i]] = Math.max(0, -part)
    }
  })
  return known / Math.max(1, model.evs.count + model.batteries.count)
}

/** kWh per step of all devices at their centres. */
const totalAtCentres = ({ model, evs, batteries }: Relaxation): Float64Array => {
  const total = new Float64Array(model.steps)
  for (let i = 0; i < model.evs.count; i++) {
    const { from, offset, full } = model.evs
    for (let k = offset[i]; k < offset[i + 1]; k++) {
      total[from[i] + k - offset[i]] += full[i] * evs.centre[k]
    }
  }
  for (let i = 0; i < model.batteries.count; i++) {
    const { from, offset, chargeFull, dischargeFull } = model.batteries
    for (let k = offset[i]; k < offset[i + 1]; k++) {
      total[from[i] + k - offset[i]] +=
        chargeFull[i] * batteries.chargeCentre[k] - dischargeFull[i] * batteries.dischargeCentre[k]
    }
  }
  return total
}

/** Less than this part of known devices is a new site: better to start afresh. */
const KNOWN_ENOUGH = 0.5

/** Starts a relaxation from an earlier solve; false (and nothing done) when too little fits. */
export const applyWarmStart = (relaxation: Relaxation, warm: WarmStart): boolean => {
  const { model, rows, surplus, peaks } = relaxation
  const { connection } = model
  const steps = Int32Array.from({ length: model.steps }, (_, t) => earlierStep(model, warm, t))
  if (takeProfiles(relaxation, warm, steps) < KNOWN_ENOUGH) {
    for (const values of [relaxation.evs.centre, relaxation.batteries.chargeCentre]) values.fill(0)
    relaxation.batteries.dischargeCentre.fill(0)
    return false
  }
  takeDuals(relaxation, warm, steps)
  const total = totalAtCentres(relaxation)
  total.forEach((kWh, t) => {
    if (rows.exportable[t] === 0) return
    const exported = importAt(connection, t, kWh) - connection.baseKWh[t] - kWh
    surplus.centre[t] = Math.min(1, exported / rows.exportable[t])
  })
  connection.peaks.forEach((peak, k) => {
    peaks[k].centre = Math.max(peak.billedKw, peakKw(connection, peak, total))
  })
  return true
}
