import type { CompositeSchedule, SchedulePeriod } from '../domain/charging-profile.ts'
import type { InstalledPeriod, InstalledProfile } from './profile-stack.ts'

/**
 * What a stack of charging profiles yields. At an instant t:
 *
 *   winner(purpose) = highest stack level valid at t that has a period at t
 *   limit = min(rating, winner(station-max) / sharedBy, winner(external),
 *               winner(tx) else winner(tx-default))
 *
 * Every profile is piecewise constant, so its value comes with the time until which it holds; a
 * composite schedule jumps from one such time to the next: O(segments x profiles).
 * Source: OCPP 1.6 3.13 and 5.16 with errata, OCPP 2.0.1 K01 and K08.
 */

/** The EVSE for which a stack is evaluated. */
export interface StackView {
  readonly evseId: number
  /** `null`: no transaction; default profiles count as if one ran (2.0.1 K08.FR.06). */
  readonly transactionId: string | null
  /** Where relative schedules begin: the start of the transaction. */
  readonly anchorMs: number
  /** What the hardware allows, amperes per conductor. */
  readonly ratingA: number
  /** Watts per ampere and phase: nominal voltage, for DC times the efficiency. */
  readonly voltageV: number
  /** EVSEs that share the station maximum equally, at least 1. */
  readonly sharedBy: number
}

/** A limit in amperes per conductor that holds until `untilMs` (`Infinity` = for ever). */
export interface Segment {
  readonly limitA: number
  readonly untilMs: number
  /** The profile that binds; `null` when the rating does. */
  readonly by: InstalledProfile | null
  /** What the transaction's profile (or default) says of phases; `null` = nothing. */
  readonly phases: Pick<InstalledPeriod, 'numberPhases' | 'phaseToUse'> | null
}

const PERIOD_MS = { daily: 86_400_000, weekly: 604_800_000 } as const

const applies = (profile: InstalledProfile, view: StackView): boolean => {
  switch (profile.purpose) {
    case 'station-max':
      return profile.evseId === 0
    case 'external':
    case 'tx-default':
      return profile.evseId === 0 || profile.evseId === view.evseId
    case 'tx':
      return (
        profile.evseId === view.evseId &&
        view.transactionId !== null &&
        (profile.transactionId === null || profile.transactionId === view.transactionId)
      )
  }
}

/** The period at `atMs` and the time until which that (or its absence) holds. */
const periodAt = (
  profile: InstalledProfile,
  anchorMs: number,
  atMs: number,
): { period: InstalledPeriod | null; untilMs: number } => {
  const validFromMs = profile.validFromMs ?? -Infinity
  const validToMs = profile.validToMs ?? Infinity
  if (atMs >= validToMs) return { period: null, untilMs: Infinity }
  if (atMs < validFromMs) return { period: null, untilMs: validFromMs }
  const firstMs = profile.kind === 'relative' ? anchorMs : (profile.startMs ?? anchorMs)
  if (atMs < firstMs) return { period: null, untilMs: firstMs }

  const everyMs =
    profile.kind === 'daily' || profile.kind === 'weekly' ? PERIOD_MS[profile.kind] : Infinity
  // Recurs from its own start, not from midnight; what is longer than the recurrence is cut.
  const startMs =
    everyMs === Infinity ? firstMs : firstMs + Math.floor((atMs - firstMs) / everyMs) * everyMs
  const againMs = startMs + everyMs
  const endMs = Math.min(againMs, startMs + (profile.durationS ?? Infinity) * 1000)
  if (atMs >= endMs) return { period: null, untilMs: Math.min(againMs, validToMs) }

  let period: InstalledPeriod | null = null
  let untilMs = Math.min(endMs, validToMs)
  for (const candidate of profile.periods) {
    const beginsMs = startMs + candidate.startS * 1000
    if (beginsMs > atMs) {
      untilMs = Math.min(untilMs, beginsMs)
      break
    }
    period = candidate
  }
  return { period, untilMs }
}

/** A limit in amperes per conductor, converted at nominal voltage (never the measured one). */
const amperes = (profile: InstalledProfile, period: InstalledPeriod, voltageV: number): number =>
  profile.unit === 'A' ? period.limit : period.limit / (voltageV * (period.numberPhases ?? 3))

/** At the same level the profile of the EVSE itself goes before that of the whole station. */
const rank = (profile: InstalledProfile): number =>
  2 * profile.stackLevel + (profile.evseId > 0 ? 1 : 0)

/** What the stack yields for one EVSE at one instant, and until when. */
export const limitAt = (
  stack: readonly InstalledProfile[],
  view: StackView,
  atMs: number,
): Segment => {
  const winners: Partial<Record<InstalledProfile['purpose'], InstalledProfile>> = {}
  const limits: Partial<Record<InstalledProfile['purpose'], number>> = {}
  const periods: Partial<Record<InstalledProfile['purpose'], InstalledPeriod>> = {}
  let untilMs = Infinity
  for (const profile of stack) {
    if (!applies(profile, view)) continue
    const now = periodAt(profile, view.anchorMs, atMs)
    untilMs = Math.min(untilMs, now.untilMs)
    const leader = winners[profile.purpose]
    if (now.period === null || (leader && rank(leader) > rank(profile))) continue
    winners[profile.purpose] = profile
    limits[profile.purpose] = amperes(profile, now.period, view.voltageV)
    periods[profile.purpose] = now.period
  }
  let limitA = view.ratingA
  let by: InstalledProfile | null = null
  const lower = (purpose: InstalledProfile['purpose'], sharedBy: number): void => {
    const valueA = (limits[purpose] ?? Infinity) / sharedBy
    if (valueA >= limitA) return
    limitA = valueA
    by = winners[purpose] ?? null
  }
  lower('station-max', view.sharedBy)
  lower('external', 1)
  lower(winners.tx ? 'tx' : 'tx-default', 1)
  return { limitA, untilMs, by, phases: periods.tx ?? periods['tx-default'] ?? null }
}

/** Segments over [fromMs, toMs), neighbours with the same limit and binding profile merged. */
export const compositeSegments = (
  stack: readonly InstalledProfile[],
  view: StackView,
  fromMs: number,
  toMs: number,
): readonly Segment[] => walk((atMs) => limitAt(stack, view, atMs), fromMs, toMs)

/**
 * The same for the station as a whole: the sum over its EVSEs, amperes per phase as if all used
 * the same phases. Give each view its share of the station maximum.
 */
export const stationSegments = (
  stack: readonly InstalledProfile[],
  views: readonly StackView[],
  fromMs: number,
  toMs: number,
): readonly Segment[] =>
  walk(
    (atMs) => {
      const parts = views.map((view) => limitAt(stack, view, atMs))
      return {
        limitA: parts.reduce((sum, part) => sum + part.limitA, 0),
        untilMs: Math.min(...parts.map((part) => part.untilMs)),
        by: null,
        phases: null,
      }
    },
    fromMs,
    toMs,
  )

const walk = (at: (atMs: number) => Segment, fromMs: number, toMs: number): readonly Segment[] => {
  const segments: Segment[] = []
  for (let atMs = fromMs; atMs < toMs;) {
    const segment = at(atMs)
    const untilMs = Math.min(segment.untilMs, toMs)
    const last = segments.at(-1)
    if (last && last.limitA === segment.limitA && last.by === segment.by) segments.pop()
    segments.push({ ...segment, untilMs })
    atMs = untilMs
  }
  return segments
}

/**
 * Segments as a station reports them: whole seconds from `fromMs`, in `unit`; a limit in watts is
 * the total of `phases` phases.
 */
export const asComposite = (
  segments: readonly Segment[],
  fromMs: number,
  unit: 'A' | 'W',
  phases: number,
  voltageV: number,
): CompositeSchedule => {
  const factor = unit === 'A' ? 1 : voltageV * phases
  const periods: SchedulePeriod[] = []
  let startMs = fromMs
  for (const segment of segments) {
    const period = {
      startS: Math.round((startMs - fromMs) / 1000),
      limit: segment.limitA * factor,
    }
    startMs = segment.untilMs
    // Of several limits within one rounded second only the last can be told.
    if (periods.at(-1)?.startS === period.startS) periods.pop()
    if (periods.at(-1)?.limit !== period.limit) periods.push(period)
  }
  return { startMs: fromMs, unit, periods }
}
