import type { ProfileCapability } from '../domain/evse-state.ts'

/** What a make of charging station can do, as it tells in its configuration. */
export interface StationModel {
  readonly id: string
  readonly vendor: string
  readonly model: string
  readonly firmware: string
  readonly capability: ProfileCapability
  /** Spelling of the rate units in `ChargingScheduleAllowedChargingRateUnit` (1.6). */
  readonly rateUnitNames: string
  /** Most configuration keys that it tells at once (1.6). */
  readonly maxKeys: number
}

const AC_CAPABILITY: ProfileCapability = {
  rateUnits: ['A', 'W'],
  maxStackLevel: 10,
  maxPeriods: 24,
  maxProfiles: 16,
  stepA: 0.1,
  stepW: 1,
}

/** Made-up makes with the capabilities that public reports tell of real ones. */
export const STATION_MODELS: readonly StationModel[] = [
  {
    id: 'full',
    vendor: 'Simplex',
    model: 'Duo 22',
    firmware: '4.2.1',
    capability: { ...AC_CAPABILITY, switchesPhases: true, choosesPhase: true },
    rateUnitNames: 'Current,Power',
    maxKeys: 100,
  },
  {
    id: 'amperes-only',
    vendor: 'Oak',
    model: 'Wallpost 3',
    firmware: '1.18.0',
    capability: {
      rateUnits: ['A'],
      maxStackLevel: 3,
      maxPeriods: 5,
      maxProfiles: 12,
      stepA: 1,
      stepW: 1,
    },
    rateUnitNames: 'Current',
    maxKeys: 40,
  },
  {
    id: 'watts-only',
    vendor: 'Birch',
    model: 'Power Mini',
    firmware: '2024.11',
    capability: {
      rateUnits: ['W'],
      maxStackLevel: 8,
      maxPeriods: 24,
      maxProfiles: 10,
      stepA: 1,
      stepW: 1,
    },
    rateUnitNames: ' W ',
    maxKeys: 100,
  },
  {
    id: 'level-zero',
    vendor: 'Cedar',
    model: 'Basic',
    firmware: '0.9.7',
    capability: {
      rateUnits: ['A'],
      maxStackLevel: 0,
      maxPeriods: 2,
      maxProfiles: 3,
      stepA: 1,
      stepW: 1,
    },
    rateUnitNames: 'A',
    maxKeys: 4,
  },
]

export const stationModel = (id: string): StationModel | undefined =>
  STATION_MODELS.find((model) => model.id === id)
