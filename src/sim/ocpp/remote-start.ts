import type { Clock } from '../../ports/clock.ts'
import type { InstalledProfile } from '../../engine/profile-stack.ts'
import type { SimPort, SimStation, SimTransaction } from '../station.ts'

/** What a remote start asks for. */
export interface RemoteStart {
  /** `null`: any free EVSE. */
  readonly evseId: number | null
  readonly idToken: string
  /** A transaction profile for the transaction to come; its id is not known yet. */
  readonly profile: InstalledProfile | null
  /** Made for the new transaction (2.x: id, remote start id). */
  readonly details: () => Partial<SimTransaction>
}

/** Remote starts of one station, also those that wait for a vehicle. */
export interface RemoteStarts {
  /** The port that takes it, or `null` = rejected. */
  accept(request: RemoteStart): SimPort | null
  /** A vehicle was plugged in: `true` when a remote start waited for it. */
  plugged(port: SimPort): boolean
}

/**
 * A remote start begins at once where a vehicle waits, otherwise when one is plugged in before the
 * connection time-out (1.6 5.11, 2.0.1 F01/F02).
 */
export const createRemoteStarts = (
  station: SimStation,
  clock: Clock,
  connectionTimeOutS: () => number,
): RemoteStarts => {
  const waiting = new Map<SimPort, RemoteStart & { untilMs: number }>()

  const begin = (port: SimPort, request: RemoteStart): boolean => {
    if (!station.start(port, request.idToken, request.details())) return false
    const transaction = port.transaction!
    if (request.profile) {
      const { evseId } = port.evse
      station.install({ ...request.profile, evseId, transactionId: transaction.transactionId })
    }
    return true
  }

  return {
    accept: (request) => {
      const free = station.ports.filter((port) => port.operative && !port.transaction)
      const port =
        request.evseId === null
          ? (free.find((each) => each.vehicle) ?? free[0])
          : free.find((each) => each.evse.evseId === request.evseId)
      if (!port) return null
      if (port.vehicle) return begin(port, request) ? port : null
      waiting.set(port, { ...request, untilMs: clock.now() + connectionTimeOutS() * 1000 })
      return port
    },
    plugged: (port) => {
      const request = waiting.get(port)
      waiting.delete(port)
      return request !== undefined && clock.now() <= request.untilMs && begin(port, request)
    },
  }
}
