import { randomInt } from 'node:crypto'
import { quantile } from '../../support/quantile.ts'
import type { Kind } from './messages.ts'
import { newFaults, Station, type Faults, type Target } from './station.ts'

export interface FleetOptions extends Target {
  readonly count: number
  /** Stations that open at the same time; all of them for the worst storm. */
  readonly opening: number
  /** What each says, and waits for, once it is connected. */
  readonly hello: readonly Kind[]
}

/** How the fleet came up. */
export interface Arrival {
  readonly wallS: number
  /** From the first packet of a station to its last answer, seconds. */
  readonly p50S: number
  readonly p99S: number
  readonly failed: number
  readonly example: string | null
}

export interface Fleet {
  readonly stations: readonly Station[]
  readonly faults: Faults
  arrive(): Promise<Arrival>
  leave(): void
}

/** Names of the bench's stations, the same in the configuration of the server. */
export const identityOf = (index: number): string => `B${String(index).padStart(5, '0')}`

/** Sources so that no pair of address and port comes twice within the time that TCP remembers it. */
const SOURCES = 16
const BOOT_PATIENCE_MS = 120_000

export const createFleet = (options: FleetOptions): Fleet => {
  const faults = newFaults()
  const salt = randomInt(36 ** 4)
    .toString(36)
    .padStart(4, '0')
  const stations = Array.from(
    { length: options.count },
    (_, index) => new Station(index, identityOf(index), salt, options, faults),
  )
  const network = `127.${randomInt(1, 250)}.${randomInt(1, 250)}`

  /** A boot that is put off is repeated, as a station would do it, only sooner. */
  const boot = async (station: Station): Promise<void> => {
    const giveUpMs = performance.now() + BOOT_PATIENCE_MS
    for (;;) {
      const { status } = await station.ask('boot')
      if (status === 'Accepted') return
      if (performance.now() > giveUpMs)
        throw new Error(`a boot was answered with ${String(status)}`)
      await new Promise((resume) => setTimeout(resume, 500))
    }
  }

  const arriveOne = async (index: number): Promise<number> => {
    const startedMs = performance.now()
    const station = stations[index]
    await station.open(`${network}.${1 + (index % SOURCES)}`)
    for (const kind of options.hello) {
      if (kind === 'boot') await boot(station)
      else await station.ask(kind)
    }
    return (performance.now() - startedMs) / 1000
  }

  return {
    stations,
    faults,
    arrive: async () => {
      const startedMs = performance.now()
      const durationsS: number[] = []
      let next = 0
      let failed = 0
      let example: string | null = null
      const door = async (): Promise<void> => {
        while (next < stations.length) {
          try {
            durationsS.push(await arriveOne(next++))
          } catch (error) {
            failed++
            example ??= String(error)
          }
        }
      }
      const doors = Math.min(options.opening, stations.length)
      await Promise.all(Array.from({ length: doors }, door))
      durationsS.sort((a, b) => a - b)
      return {
        wallS: (performance.now() - startedMs) / 1000,
        p50S: quantile(durationsS, 0.5),
        p99S: quantile(durationsS, 0.99),
        failed,
        example,
      }
    },
    leave: () => {
      for (const station of stations) station.close()
    },
  }
}
