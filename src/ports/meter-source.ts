import type { Reading } from '../domain/reading.ts'

export interface Health {
  readonly ok: boolean
  readonly sinceMs: number
  readonly detail: string
}

/** Anything that delivers readings: a broker, an OPC UA server, the chargers, a formula. */
export interface MeterSource {
  readonly id: string
  /** Connects and delivers until `stop`; connection faults are retried inside, never thrown. */
  start(accept: (reading: Reading) => void): Promise<void>
  health(): Health
  stop(): Promise<void>
}
