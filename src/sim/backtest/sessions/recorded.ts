/** A session as it was recorded: what a vehicle did at a station. */
export interface RecordedSession {
  readonly id: string
  /** As the file names it: a station, or STATION/EVSE. */
  readonly station: string
  readonly user: string | null
  readonly connectedMs: number
  readonly endedMs: number
  readonly energyWh: number
  /** What the driver said on arrival; `null` = nothing. */
  readonly saidEnergyWh: number | null
  readonly saidDepartureMs: number | null
  /** Of the file, for messages. */
  readonly line: number
}
