import { setTimeout as sleep } from 'node:timers/promises'
import { perPhase, total, type PerPhase } from '../../src/domain/phases.ts'
import type { RpcStation, ToldProfile } from './rpc-station.ts'

const VOLTAGE_V = 230
const MIN_A = 6
const MAX_A = 16

/** What a profile allows in all, watts. */
const allowedW = ({ limitA, numberPhases }: ToldProfile): number =>
  limitA * (numberPhases ?? 3) * VOLTAGE_V

/** The vehicle takes what it is offered; alone is the terminal that was named, else the first. */
const drawUnder = ({ limitA, numberPhases, phaseToUse }: ToldProfile): PerPhase => {
  const only = numberPhases === 1 ? (phaseToUse ?? 1) - 1 : null
  const amps = limitA < MIN_A ? 0 : Math.min(MAX_A, limitA)
  return perPhase((terminal) => (only === null || terminal === only ? amps : 0))
}

const nameOf = (amps: PerPhase): string =>
  amps.flatMap((each, terminal) => (each > 0 ? [`L${terminal + 1}`] : [])).join(' ') || 'none'

/** A vehicle of three phases at a station: it follows what the station is told, and nothing else. */
export interface PhaseVehicle {
  /** Terminals that carried current, one entry per change: `L1 L2 L3`, `none`, `L1`. */
  readonly terminals: readonly string[]
  /** How often the station has reported what it draws. */
  reports(): number
  powerW(): number
  /** The most that it drew, or that a profile allowed, since this was asked before, watts. */
  takePeakW(): number
  /** Rejects if a report was not taken. */
  unplug(): Promise<void>
}

const LOOK_EVERY_MS = 50
const REPORT_EVERY_MS = 1000

/** Plugs it into a station that has a failsafe and whose transaction has begun. */
export const plugIn = (station: RpcStation): PhaseVehicle => {
  const terminals: string[] = []
  const over = new AbortController()
  let drawA: PerPhase = [0, 0, 0]
  let reports = 0
  let looked = station.told.length
  let peakW = 0

  const powerW = (): number => VOLTAGE_V * total(drawA)

  const follow = (): void => {
    drawA = drawUnder(station.profile() ?? station.told[0])
    if (terminals.at(-1) !== nameOf(drawA)) terminals.push(nameOf(drawA))
    // Also of profiles that came and went between two looks.
    peakW = Math.max(peakW, powerW(), ...station.told.slice(looked).map(allowedW))
    looked = station.told.length
  }

  const report = async (): Promise<void> => {
    while (!over.signal.aborted) {
      follow()
      await station.measure(drawA)
      reports++
      await sleep(REPORT_EVERY_MS, undefined, { signal: over.signal }).catch(() => {})
    }
  }

  const looking = setInterval(follow, LOOK_EVERY_MS)
  const reporting = report()
  return {
    terminals,
    reports: () => reports,
    powerW,
    takePeakW: () => {
      follow()
      const sinceW = peakW
      peakW = powerW()
      return sinceW
    },
    unplug: () => {
      clearInterval(looking)
      over.abort()
      return reporting
    },
  }
}
