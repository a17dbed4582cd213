import type { Reading } from '../domain/reading.ts'
import type { Supply, Wiring } from '../domain/wiring.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Health, MeterSource } from '../ports/meter-source.ts'
import type { LatestReading, Readings } from '../ports/readings.ts'
import { createFreshness, type Freshness } from './freshness.ts'
import { fullWiring, normalise, type Normalised, type NormaliseOptions } from './normalise.ts'
import { worst, type Quantity } from './quantity.ts'
import { createStorePolicy, type StoreOptions } from './store-policy.ts'
import { createSuspicion, type Suspicion } from './suspicion.ts'

/** What every meter has, whatever its kind. */
export interface MeterSettings extends StoreOptions {
  /** Older readings say nothing about now; 60, or as much as the most patient meter that it uses. */
  readonly staleAfterS?: number
  /** Lines that the metered load is connected to; all lines of the supply by default. */
  readonly wiring?: Wiring
  /** A larger current in a phase is a fault of the meter; 10 000. */
  readonly maxA?: number
  /** A larger power is a fault of the meter; what `maxA` gives on three phases. */
  readonly maxW?: number
}

export interface MeterEntry {
  readonly source: MeterSource
  readonly settings?: MeterSettings
  /** Meters that this one is worked out from; they come before it. It is stale when one of them is. */
  readonly uses?: readonly string[]
}

/** A meter as a person sees it. */
export interface MeterHealth extends Health {
  readonly meterId: string
  /** `null`: it never said anything usable. */
  readonly ageS: number | null
  readonly stale: boolean
  /** What the latest reading has only because it was worked out. */
  readonly derived: readonly Quantity[]
  readonly readings: number
  /** Readings that were bad or held something implausible. */
  readonly bad: number
  /** Why its latest reading is suspect; `null` = it is not. */
  readonly doubt: string | null
}

export interface Meters extends Readings {
  /** Starts all sources; one that cannot start is logged and does not hold up the others. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Null for an unknown meter, too. */
  latest(meterId: string): LatestReading | null
  health(): readonly MeterHealth[]
}

export interface MetersDeps {
  readonly clock: Clock
  readonly log: Log
  readonly supply: Supply
  /**
   * Every reading, normalised, bad ones included. `store`: worth keeping (first, now and then,
   * changes).
   */
  readonly onReading: (reading: Reading, store: boolean) => void
}

interface State {
  readonly source: MeterSource
  readonly uses: readonly State[]
  readonly staleAfterS: number
  readonly options: NormaliseOptions
  readonly freshness: Freshness
  readonly suspicion: Suspicion
  readonly isWorthKeeping: (reading: Reading) => boolean
  derived: readonly Quantity[]
  readings: number
  bad: number
  /** For the log: what was last said about it. */
  saidStale: boolean
  saidBad: boolean
  doubt: string | null
}

const STALE_AFTER_S = 60
const MAX_A = 10_000
const CHECK_MS = 1_000
const CALLED_BAD = 'its source calls it bad, or has no value'

const stateOf = (
  { source, settings = {} }: MeterEntry,
  uses: readonly State[],
  supply: Supply,
): State => {
  const maxA = settings.maxA ?? MAX_A
  const patienceS = uses.map(({ staleAfterS }) => staleAfterS)
  const staleAfterS =
    settings.staleAfterS ?? (uses.length > 0 ? Math.max(...patienceS) : STALE_AFTER_S)
  return {
    source,
    uses,
    staleAfterS,
    options: {
      supply,
      wiring: settings.wiring ?? fullWiring(supply),
      maxA,
      maxW: settings.maxW ?? 3 * supply.voltageV * maxA,
    },
    freshness: createFreshness(staleAfterS),
    suspicion: createSuspicion(supply.voltageV),
    isWorthKeeping: createStorePolicy(settings),
    derived: [],
    readings: 0,
    bad: 0,
    saidStale: false,
    saidBad: false,
    doubt: null,
  }
}

const latestOf = ({ freshness, uses }: State, nowMs: number): LatestReading | null => {
  const latest = freshness.latest(nowMs)
  if (!latest || latest.stale) return latest
  const stale = uses.some((used) => latestOf(used, nowMs)?.stale !== false)
  return stale ? { ...latest, stale } : latest
}

/**
 * All meters of the site: normalises what they say, knows how old it is, keeps the newest.
 *
 * @throws AppError `config-invalid` when two meters have the same id
 */
export const createMeters = (
  entries: readonly MeterEntry[],
  { clock, log, supply, onReading }: MetersDeps,
): Meters => {
  const states = new Map<string, State>()
  for (const entry of entries) {
    const { id } = entry.source
    if (states.has(id)) throw new AppError('config-invalid', `meters: "${id}" is there twice`)
    const uses = (entry.uses ?? []).flatMap((used) => states.get(used) ?? [])
    states.set(id, stateOf(entry, uses, supply))
  }
  let cancelCheck = (): void => {}
  let running = false

  const reportStale = (meterId: string, state: State): void => {
    const latest = latestOf(state, clock.now())
    const stale = latest?.stale ?? false
    if (stale === state.saidStale) return
    state.saidStale = stale
    if (stale) log.warn({ meterId, ageS: latest?.ageS }, 'the meter is stale: its limits fall back')
    else log.info({ meterId }, 'the meter is fresh again')
  }

  const reportBad = (meterId: string, state: State, faults: readonly string[] | null): void => {
    if ((faults !== null) === state.saidBad) return
    state.saidBad = faults !== null
    if (faults) log.warn({ meterId, faults }, 'a reading of the meter cannot be trusted')
    else log.info({ meterId }, 'the readings of the meter are fine again')
  }

  const reportDoubt = (meterId: string, state: State, doubt: string | null): void => {
    if (doubt !== null && state.doubt === null) {
      log.warn({ meterId, doubt }, 'the readings of the meter are suspect')
    }
    if (doubt === null && state.doubt !== null) {
      log.info({ meterId }, 'the readings of the meter are no longer suspect')
    }
    state.doubt = doubt
  }

  /** The reading with what its source's past says against it, and why it is bad where it is. */
  const judged = (
    state: State,
    reading: Reading,
    { derived, implausible }: Normalised,
  ): Reading => {
    if (reading.quality === 'bad') {
      return implausible.length > 0 ? { ...reading, reason: implausible.join(', ') } : reading
    }
    const doubt = state.suspicion.judge(reading, derived)
    reportDoubt(state.source.id, state, doubt)
    if (doubt === null) return reading
    return { ...reading, quality: worst(reading.quality, 'suspect'), reason: doubt }
  }

  const accept = (state: State, raw: Reading): void => {
    if (!running) return
    const meterId = state.source.id
    const normalised = normalise(raw, state.options)
    const { derived, implausible } = normalised
    const reading = judged(state, normalised.reading, normalised)
    const isBad = reading.quality === 'bad' || implausible.length > 0
    state.readings += 1
    if (isBad) state.bad += 1
    reportBad(meterId, state, isBad ? (implausible.length > 0 ? implausible : [CALLED_BAD]) : null)
    if (state.freshness.take(reading, clock.now())) state.derived = derived
    reportStale(meterId, state)
    onReading(reading, state.isWorthKeeping(reading))
  }

  const startOne = async (state: State): Promise<void> => {
    try {
      await state.source.start((reading) => accept(state, reading))
    } catch (error) {
      log.error({ meterId: state.source.id, err: error }, 'the meter cannot be started')
    }
  }

  return {
    async start() {
      running = true
      cancelCheck = clock.every(CHECK_MS, () => {
        for (const [meterId, state] of states) reportStale(meterId, state)
      })
      await Promise.all([...states.values()].map(startOne))
    },
    async stop() {
      running = false
      cancelCheck()
      const ends = await Promise.allSettled([...states.values()].map(({ source }) => source.stop()))
      for (const end of ends) {
        if (end.status === 'rejected') log.error({ err: end.reason }, 'a meter did not stop well')
      }
    },
    latest(meterId) {
      const state = states.get(meterId)
      return state ? latestOf(state, clock.now()) : null
    },
    health: () =>
      [...states].map(([meterId, state]) => {
        const { source, derived, readings, bad, doubt } = state
        const latest = latestOf(state, clock.now())
        return {
          ...source.health(),
          meterId,
          ageS: latest?.ageS ?? null,
          stale: latest?.stale ?? true,
          derived,
          readings,
          bad,
          doubt,
        }
      }),
  }
}
