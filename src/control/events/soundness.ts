import {
  OPEN_END_MS,
  type GridEvent,
  type Signal,
  type SignalKind,
  type SignalScope,
  type SignalUnit,
} from '../../domain/signal.ts'
import type { GridView } from '../../engine/timeline/grid-view.ts'
import { MAX_RECOVERY_MS } from '../../engine/timeline/trajectory.ts'

export const MAX_INTERVALS = 1_000
export const MAX_TARGETS = 1_000
/** From the first start to the last end. */
export const MAX_EVENT_MS = 400 * 24 * 3_600_000
export const MAX_RANDOM_MS = 24 * 3_600_000
/** Powers beyond this are slips of the unit. */
const MAX_POWER_W = 10e9
const MAX_CURRENT_A = 1e6
/** The largest whole number that every store and JSON reader holds exactly. */
const MOST = Number.MAX_SAFE_INTEGER
/** Per kWh, in any currency, or grams. */
const MAX_PER_KWH = 1e6

const POWER: readonly SignalUnit[] = ['W', 'fraction']
const POWER_OR_CURRENT: readonly SignalUnit[] = ['W', 'A', 'fraction']
const ANYWHERE: readonly SignalScope[] = ['connection', 'controllable', 'evse', 'phase']
const TOGETHER: readonly SignalScope[] = ['connection', 'controllable']

const on = (scopes: readonly SignalScope[], units: readonly SignalUnit[]) =>
  Object.fromEntries(scopes.map((scope) => [scope, units]))

/** Which units each kind may have on which scope. */
const SENSE: Record<SignalKind, Partial<Record<SignalScope, readonly SignalUnit[]>>> = {
  'import-limit': {
    connection: POWER_OR_CURRENT,
    controllable: POWER,
    evse: POWER_OR_CURRENT,
    phase: POWER_OR_CURRENT,
  },
  'export-limit': { connection: POWER_OR_CURRENT, controllable: POWER, phase: POWER_OR_CURRENT },
  setpoint: on(TOGETHER, POWER),
  'reduce-by': on(TOGETHER, POWER),
  level: on(TOGETHER, ['level']),
  price: on(ANYWHERE, ['currency/kWh']),
  'export-price': on(ANYWHERE, ['currency/kWh']),
  carbon: on(ANYWHERE, ['g/kWh']),
  'soc-target': on(ANYWHERE, ['fraction']),
  'no-charge': on(ANYWHERE, [...POWER_OR_CURRENT, 'level']),
  alert: on(ANYWHERE, ['level']),
}

/**
 * Why the event makes no sense in itself, whoever gets it: units, values and times; `null` = sound.
 * Reasons name the place and the remedy.
 */
export const faultOf = (event: GridEvent): string | null =>
  signalFault(event.signal) ?? timesFault(event) ?? valuesFault(event) ?? shapeFault(event)

const signalFault = ({ kind, unit, scope, currency }: Signal): string | null => {
  const units = SENSE[kind][scope]
  if (!units) {
    return `signal ${kind} has no scope ${scope}; use ${Object.keys(SENSE[kind]).join(', ')}`
  }
  if (!units.includes(unit)) {
    return `signal ${kind} on scope ${scope} cannot be in ${unit}; use ${units.join(', ')}`
  }
  if (unit === 'currency/kWh' && currency === null) return `signal ${kind} needs a currency`
  return null
}

const timesFault = ({ intervals, status, cancelAtMs, issuedAtMs, notAfterMs }: GridEvent) => {
  if (intervals.length === 0) return 'intervals must hold at least one interval'
  if (intervals.length > MAX_INTERVALS) {
    return `intervals must hold at most ${MAX_INTERVALS}, not ${intervals.length}`
  }
  const ids = new Set<number>()
  for (const [i, { id, startMs, endMs }] of intervals.entries()) {
    if (!Number.isSafeInteger(id) || id < 0) {
      return `interval id ${id} must be a whole number from 0 to ${MOST}`
    }
    if (!Number.isFinite(startMs) || !Number.isFinite(endMs)) {
      return `interval ${id} has no valid start or end; only the last interval may be without a duration, which means until it is cancelled`
    }
    if (endMs <= startMs) return `interval ${id} must be longer than zero`
    if (i > 0 && startMs < intervals[i - 1].endMs) {
      return `interval ${id} begins before interval ${intervals[i - 1].id} ends: intervals must be in order and must not overlap`
    }
    if (ids.has(id)) return `interval id ${id} is used twice`
    ids.add(id)
  }
  const last = intervals.at(-1)!
  // Without an end the start of the last one bounds the rest.
  const knownEndMs = last.endMs >= OPEN_END_MS ? last.startMs : last.endMs
  if (knownEndMs - intervals[0].startMs > MAX_EVENT_MS) {
    return `the event lasts longer than ${MAX_EVENT_MS / 86_400_000} days`
  }
  if (!Number.isFinite(issuedAtMs) || !Number.isFinite(notAfterMs)) {
    return 'issuedAt and notAfter must be valid times'
  }
  if (status === 'cancelled' && cancelAtMs === null) return 'a cancelled event needs cancelAt'
  return null
}

const valuesFault = ({ signal, intervals }: GridEvent): string | null => {
  for (const { id, value } of intervals) {
    const fault = value === null ? null : valueFault(signal, value)
    if (fault !== null) return `interval ${id}: ${fault}`
  }
  return null
}

const valueFault = ({ kind, unit }: Signal, value: number): string | null => {
  if (!Number.isFinite(value)) return `value ${value} must be a finite number`
  if (kind === 'no-charge') {
    // A zero in "level" could mean that charging is allowed: only null says that.
    const wanted = unit === 'level' ? 1 : 0
    return value === wanted
      ? null
      : `no-charge in ${unit} takes ${wanted} (no charging) or null (nothing said), not ${value}`
  }
  if (unit === 'W' && Math.abs(value) > MAX_POWER_W) return `value ${value} W is out of range`
  if (unit === 'A' && value > MAX_CURRENT_A) return `value ${value} A is out of range`
  if (unit.endsWith('/kWh') && Math.abs(value) > MAX_PER_KWH) {
    return `value ${value} ${unit} is out of range: at most ${MAX_PER_KWH}`
  }
  const signed = kind === 'setpoint' || unit === 'currency/kWh'
  if (!signed && value < 0) return `value ${value} must not be negative`
  if (unit === 'fraction' && Math.abs(value) > 1) return `value ${value} must be at most 1 (100 %)`
  if (unit === 'level' && !Number.isInteger(value)) return `level ${value} must be a whole number`
  return null
}

const shapeFault = ({ randomize, ramp, recovery, priority, modification, targets }: GridEvent) => {
  if (!Number.isSafeInteger(modification) || modification < 0) {
    return `modification ${modification} must be a whole number from 0 to ${MOST}`
  }
  if (!Number.isFinite(priority) || priority < 0) return `priority ${priority} must be at least 0`
  if (targets.length > MAX_TARGETS) {
    return `targets must name at most ${MAX_TARGETS}, not ${targets.length}`
  }
  if (randomize && !within(MAX_RANDOM_MS, randomize.startMs, randomize.endMs)) {
    return 'randomize.start and randomize.end must be from 0 to 24 h'
  }
  for (const rate of [ramp?.downWPerMin, ramp?.upWPerMin]) {
    if (typeof rate === 'number' && !(rate > 0)) return 'ramp.down and ramp.up must be above 0'
  }
  if (recovery && !within(MAX_RECOVERY_MS, recovery.holdMs, recovery.staggerMs)) {
    return 'recovery.hold and recovery.stagger must be from 0 to 24 h'
  }
  if (recovery?.maxW !== null && recovery && !(recovery.maxW >= 0)) {
    return 'recovery.maxKw must be at least 0'
  }
  return null
}

const within = (most: number, ...values: readonly number[]): boolean =>
  values.every((value) => value >= 0 && value <= most)

/** Why a sound event cannot be followed on this site; `null` = it can. */
export const unsupportedBy = ({ signal, intervals, targets }: GridEvent, view: GridView) => {
  const { kind, unit, scope, currency } = signal
  if (unit === 'currency/kWh' && view.currency !== null && currency !== view.currency) {
    return `prices here are in ${view.currency}, not in ${currency}`
  }
  if (kind === 'level') {
    const beyond = intervals.find(({ value }) => value !== null && value >= view.levels.length)
    if (beyond) {
      return `level ${beyond.value} is not configured; the levels are 0 to ${view.levels.length - 1}`
    }
  }
  if (!STEERING_KINDS.includes(kind) || (scope !== 'connection' && scope !== 'phase')) return null
  const strangers = targets.filter((target) => view.nodeRating(target) === null)
  if (strangers.length > 0) {
    return `scope ${scope} needs nodes as targets; ${strangers.join(', ')} is none`
  }
  if (TARGET_KINDS.includes(kind) && targets.length > 1) {
    return `${kind} on scope connection takes one node, not ${targets.length}`
  }
  if (unit !== 'fraction' && unit !== 'level') return null
  const nodeIds = targets.length > 0 ? targets : [view.site.nodes[0].id]
  for (const nodeId of nodeIds) {
    const rating = view.nodeRating(nodeId)
    const rated = scope === 'phase' ? rating?.currentA !== null : Number.isFinite(rating?.powerW)
    if (!rated) return `node ${nodeId} has no rating that a percentage could be of`
  }
  return null
}

const TARGET_KINDS: readonly SignalKind[] = ['setpoint', 'reduce-by', 'level']
/** What limits or asks for power; the others inform. */
export const STEERING_KINDS: readonly SignalKind[] = [
  'import-limit',
  'export-limit',
  'no-charge',
  ...TARGET_KINDS,
]
