import { DateTime } from 'luxon'
import { AppError } from '../../errors.ts'
import type { Network } from './network/network.ts'
import type { RecordedSession } from './sessions/recorded.ts'
import type { Case, Declared, Grid, Stay } from './stay.ts'

export interface CaseOptions {
  readonly stepS: number
  /** Days begin and end by this zone's clock. */
  readonly timeZone: string
  /** The most any vehicle draws, watts; `null` = what its EVSE gives. */
  readonly vehicleW: number | null
}

const MOST_STEPS = 1_000_000

/** From local midnight before the first session to local midnight after the last. */
const gridOf = (sessions: readonly RecordedSession[], { stepS, timeZone }: CaseOptions): Grid => {
  const day = (ms: number): DateTime => DateTime.fromMillis(ms, { zone: timeZone }).startOf('day')
  const firstMs = Math.min(...sessions.map(({ connectedMs }) => connectedMs))
  const lastMs = Math.max(...sessions.map(({ endedMs }) => endedMs))
  const startMs = day(firstMs).toMillis()
  const endMs = day(Math.max(firstMs, lastMs - 1))
    .plus({ days: 1 })
    .toMillis()
  const steps = Math.ceil((endMs - startMs) / (stepS * 1000))
  if (steps <= MOST_STEPS) return { startMs, stepS, steps }
  throw new AppError(
    'payload-invalid',
    `the sessions span ${steps} steps, more than ${MOST_STEPS}; replay fewer days or longer steps`,
  )
}

/** Finds EVSEs as recordings name them: by id, or by station where it has only one EVSE. */
const finderOf = ({ evses }: Network): ((name: string) => number | undefined) => {
  const known = new Map<string, number>()
  const twice = new Set<string>()
  const learn = (name: string, index: number): void => {
    if (known.has(name)) twice.add(name)
    known.set(name, index)
  }
  evses.forEach(({ id, stationId }, index) => {
    learn(id, index)
    if (stationId !== id) learn(stationId, index)
  })
  return (name) => (twice.has(name) ? undefined : known.get(name))
}

const declaredOf = (
  { saidEnergyWh, saidDepartureMs }: RecordedSession,
  stepOf: (ms: number) => number,
): Declared | null =>
  saidEnergyWh === null && saidDepartureMs === null
    ? null
    : {
        needWh: saidEnergyWh,
        depart: saidDepartureMs === null ? null : stepOf(saidDepartureMs),
      }

/**
 * Puts recorded sessions on a grid of steps: a vehicle is there from the step in which it came to
 * the one before the step in which it left.
 *
 * @throws AppError `payload-invalid` when there is none, or for a station that the network lacks
 */
export const caseOf = (
  network: Network,
  sessions: readonly RecordedSession[],
  options: CaseOptions,
): Case => {
  if (sessions.length === 0) throw new AppError('payload-invalid', 'there is no session to replay')
  const grid = gridOf(sessions, options)
  const find = finderOf(network)
  const stepOf = (ms: number): number => Math.floor((ms - grid.startMs) / (grid.stepS * 1000))
  const stays = sessions.map((session): Stay => {
    const evse = find(session.station)
    if (evse === undefined) {
      const some = network.evses.slice(0, 5).map(({ id }) => id)
      throw new AppError(
        'payload-invalid',
        `line ${session.line}: ${network.name} has no EVSE "${session.station}"; ` +
          `it has ${network.evses.length}, such as ${some.join(', ')}`,
      )
    }
    const { wattsPerAmp, maxA } = network.evses[evse]
    return {
      id: session.id,
      evse,
      user: session.user,
      arrive: stepOf(session.connectedMs),
      depart: stepOf(session.endedMs),
      needWh: session.energyWh,
      maxA: options.vehicleW === null ? maxA : Math.min(maxA, options.vehicleW / wattsPerAmp),
      declared: declaredOf(session, stepOf),
    }
  })
  return { grid, stays }
}
