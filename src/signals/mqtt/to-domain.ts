import {
  OPEN_END_MS,
  type GridEvent,
  type Signal,
  type SignalInterval,
  type SignalKind,
  type SignalUnit,
} from '../../domain/signal.ts'
import type { DefaultSignal } from '../../ports/signal-source.ts'
import { parseDuration } from './duration.ts'
import type { WireEvent, WireManifest, WireSignal } from './wire.ts'

/** What wire values are relative to. */
export interface WireContext {
  /** Id of the source. */
  readonly authority: string
  /** Names that the authority uses (its party and groups, meter point ids, ...); `[]` = all. */
  readonly aliases: ReadonlyMap<string, readonly string[]>
  /** What ramps in percent are of, watts. */
  readonly ratedPowerW: number
}

const KINDS: Record<WireSignal['kind'], SignalKind> = {
  importLimit: 'import-limit',
  exportLimit: 'export-limit',
  setpoint: 'setpoint',
  reduceBy: 'reduce-by',
  level: 'level',
  price: 'price',
  ghg: 'carbon',
  socTarget: 'soc-target',
  noCharge: 'no-charge',
}

const UNITS: Record<WireSignal['unit'], { unit: SignalUnit; factor: number }> = {
  kW: { unit: 'W', factor: 1_000 },
  A: { unit: 'A', factor: 1 },
  percent: { unit: 'fraction', factor: 0.01 },
  level: { unit: 'level', factor: 1 },
  'currency/kWh': { unit: 'currency/kWh', factor: 1 },
  'g/kWh': { unit: 'g/kWh', factor: 1 },
}

/**
 * A document that fits the schema as a domain event: kilowatts become watts, percent fractions,
 * durations times. Whether it is sound is for `faultOf`. Averaging windows (`measure`) are not kept:
 * a limit that holds at every instant holds on average.
 */
export const toGridEvent = (wire: WireEvent, context: WireContext): GridEvent => {
  const { factor } = UNITS[wire.signal.unit]
  const { randomize, recovery } = wire
  return {
    authority: context.authority,
    eventId: wire.eventId,
    modification: wire.modification,
    status: wire.status,
    cancelAtMs: wire.cancelAt === undefined ? null : Date.parse(wire.cancelAt),
    eventClass: wire.class,
    priority: wire.priority,
    optOut: wire.optOut ?? false,
    programId: wire.programId ?? null,
    targets: targetsOf(wire.targets, context),
    issuedAtMs: Date.parse(wire.issuedAt),
    notAfterMs: Date.parse(wire.notAfter),
    ackByMs: wire.ackBy === undefined ? null : Date.parse(wire.ackBy),
    signal: toSignal(wire.signal),
    intervals: toIntervals(wire, factor),
    randomize: randomize
      ? {
          startMs: durationMs(randomize.start),
          endMs: durationMs(randomize.end),
          direction: randomize.direction ?? 'late',
        }
      : null,
    ramp: toRamp(wire.ramp, context.ratedPowerW),
    recovery: recovery
      ? {
          holdMs: durationMs(recovery.hold),
          maxW: recovery.maxKw === undefined ? null : recovery.maxKw * 1_000,
          staggerMs: durationMs(recovery.stagger),
        }
      : null,
    test: wire.class === 'test',
  }
}

export const toDefaults = (
  defaults: NonNullable<WireManifest['defaults']>,
  context: WireContext,
): DefaultSignal[] =>
  defaults.map(({ programId, signal, value, targets }) => ({
    programId: programId ?? null,
    signal: toSignal(signal),
    value: value * UNITS[signal.unit].factor,
    targets: targetsOf(targets, context),
  }))

const toSignal = (wire: WireSignal): Signal => ({
  kind: KINDS[wire.kind],
  unit: UNITS[wire.unit].unit,
  scope: wire.scope ?? 'controllable',
  currency: wire.currency ?? null,
})

/** The field's other ways to say that the last interval has no end (OpenADR 2.0b and 3). */
const WITHOUT_END: readonly (string | undefined)[] = [undefined, 'P9999Y', 'PT0S']

/** An interval without a start follows the previous one; the first starts with the event. */
const toIntervals = (wire: WireEvent, factor: number): SignalInterval[] => {
  let nextMs = Date.parse(wire.start)
  return wire.intervals.map(({ id, start, duration, value }, index) => {
    const startMs = start === undefined ? nextMs : Date.parse(start)
    const isOpen = index === wire.intervals.length - 1 && WITHOUT_END.includes(duration)
    const lengthMs = duration === undefined ? NaN : durationMs(duration)
    const endMs = isOpen ? OPEN_END_MS : startMs + lengthMs
    nextMs = endMs
    return { id, startMs, endMs, value: value === null ? null : value * factor }
  })
}

const toRamp = (ramp: WireEvent['ramp'], ratedPowerW: number): GridEvent['ramp'] => {
  if (!ramp) return null
  // Percent per second of the rating, as IEEE 2030.5 gives its gradients.
  const factor = ramp.unit === '%/s' ? (ratedPowerW / 100) * 60 : 1_000
  return {
    downWPerMin: ramp.down === undefined ? null : ramp.down * factor,
    upWPerMin: ramp.up === undefined ? null : ramp.up * factor,
  }
}

/** One alias that means all makes the list mean all. */
const targetsOf = (
  targets: readonly string[] | undefined,
  { aliases }: WireContext,
): readonly string[] => {
  if (!targets) return []
  const meant = targets.map((target) => aliases.get(target) ?? [target])
  return meant.some((names) => names.length === 0) ? [] : [...new Set(meant.flat())]
}

/** The schema has checked the form; absent = none. */
const durationMs = (text: string | undefined): number =>
  text === undefined ? 0 : (parseDuration(text) ?? NaN)
