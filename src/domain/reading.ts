import type { PerPhase } from './phases.ts'

/**
 * `uncertain`: derived, or marked so by the source. `suspect`: contradicts what is known of the
 * source (frozen, mirrored, off by a thousand); it may be true, so the safer of it and its fallback
 * counts. `bad`: cannot be a measurement, and never becomes the latest reading.
 */
export type Quality = 'good' | 'uncertain' | 'suspect' | 'bad'

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
  /** Why it is suspect or bad, as a sentence without its subject ("unchanged for 4 min"). */
  readonly reason?: string
  /**
   * The source no longer updates the value and repeats its last one (OPC 10000-8, "last usable").
   * `measuredAtMs` is when it was true, so it replaces a younger reading.
   */
  readonly held?: true
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
  /** Which of its values contradict each other; current and power are then the highest of them. */
  readonly suspect?: string
}
