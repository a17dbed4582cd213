import type { Reading } from '../domain/reading.ts'
import type { Supply, Wiring } from '../domain/wiring.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Health, MeterSource } from '../ports/meter-source.ts'
import type { LatestReading, Readings } from '../ports/readings.ts'
import { createFreshness, type Freshness } from './freshness.ts'
import { fullWiring, normalise, type NormaliseOptions } from './normalise.ts'
import type { Quantity } from './quantity.ts'
import { createStorePolicy, type StoreOptions } from './store-policy.ts'

/** What every meter has, whatever its kind. */
export interface MeterSettings extends StoreOptions {
  /** Older readings say nothing about now; 60. */
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
  readonly options: NormaliseOptions
  readonly freshness: Freshness
  readonly isWorthKeeping: (reading: Reading) => boolean
  derived: readonly Quantity[]
  readings: number
  bad: number
  /** For the log: what was last said about it. */
  saidStale: boolean
  saidBad: boolean
}

const STALE_AFTER_S = 60
const MAX_A = 10_000
const CHECK_MS = 1_000

const stateOf = ({ source, settings = {} }: MeterEntry, supply: Supply): State => {
  const maxA = settings.maxA ?? MAX_A
  return {
    source,
    options: {
      supply,
      wiring: settings.wiring ?? fullWiring(supply),
      maxA,
      maxW: settings.maxW ?? 3 * supply.voltageV * maxA,
    },
    freshness: createFreshness(settings.staleAfterS ?? STALE_AFTER_S),
    isWorthKeeping: createStorePolicy(settings),
    derived: [],
    readings: 0,
    bad: 0,
    saidStale: false,
    saidBad: false,
  }
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
    states.set(id, stateOf(entry, supply))
  }
  let cancelCheck = (): void => {}
  let running = false

  const reportStale = (meterId: string, state: State): void => {
    const latest = state.freshness.latest(clock.now())
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

  const accept = (state: State, raw: Reading): void => {
    if (!running) return
    const meterId = state.source.id
    const { reading, derived, implausible } = normalise(raw, state.options)
    const isBad = reading.quality === 'bad' || implausible.length > 0
    state.readings += 1
    if (isBad) state.bad += 1
    reportBad(meterId, state, isBad ? implausible : null)
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
    latest: (meterId) => states.get(meterId)?.freshness.latest(clock.now()) ?? null,
    health: () =>
      [...states].map(([meterId, { source, freshness, derived, readings, bad }]) => {
        const latest = freshness.latest(clock.now())
        return {
          ...source.health(),
          meterId,
          ageS: latest?.ageS ?? null,
          stale: latest?.stale ?? true,
          derived,
          readings,
          bad,
        }
      }),
  }
}
