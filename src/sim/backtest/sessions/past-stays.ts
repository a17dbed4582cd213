import type { PastStay } from '../../../engine/forecast/stays.ts'
import type { RecordedSession } from './recorded.ts'

/** Recorded sessions as the forecasts learn them (engine/forecast/stays.ts), in the same order. */
export const pastStaysOf = (sessions: readonly RecordedSession[]): PastStay[] =>
  sessions.map((session) => ({
    arrivedMs: session.connectedMs,
    stayMs: session.endedMs - session.connectedMs,
    energyWh: session.energyWh,
    stationId: session.station,
    userId: session.user,
    saidStayMs:
      session.saidDepartureMs === null ? null : session.saidDepartureMs - session.connectedMs,
    saidEnergyWh: session.saidEnergyWh,
  }))
