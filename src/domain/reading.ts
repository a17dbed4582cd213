import type { PerPhase } from './phases.ts'

export type Quality = 'good' | 'uncertain' | 'bad'

/**
 * What a meter measured at one instant. Power and current are positive into the site or into the
 * load. A quantity that the meter does not give is absent, which is not zero.
 */
export interface Reading {
  readonly meterId: string
  /** By the source's own clock; the time of receipt when the source gives none. */
  readonly measuredAtMs: number
  readonly receivedAtMs: number
  readonly quality: Quality
  readonly currentA?: PerPhase
  readonly powerW?: number
  readonly powerPerPhaseW?: PerPhase
  readonly voltageV?: PerPhase
  readonly energyImportWh?: number
  readonly energyExportWh?: number
  readonly frequencyHz?: number
  /** State of charge, 0..1. */
  readonly soc?: number
}

/** What an EVSE's own meter says, in site phases. */
export interface EvseMeasurement {
  readonly measuredAtMs: number
  readonly receivedAtMs: number
  readonly currentA?: PerPhase
  readonly powerW?: number
  readonly voltageV?: PerPhase
  /** Lifetime register of the EVSE. */
  readonly energyWh?: number
  /** State of charge of the vehicle, 0..1. */
  readonly soc?: number
  /** What the EVSE says it offers, per conductor. */
  readonly offeredA?: number
}
