/**
 * Typical electric cars by class: round figures of ours, in the range of what was registered in
 * the Netherlands by 2024 (ElaadNL open data, as used by EV2Gym). Not any one maker's model.
 */
export interface VehicleModel {
  readonly id: string
  readonly batteryKwh: number
  /** Phases of the on-board charger. */
  readonly phases: 1 | 2 | 3
  /** The most the on-board charger draws per conductor on a three-phase supply. */
  readonly maxA: number
  /** The same when only one phase (or a line-to-line pair) is there. */
  readonly onePhaseMaxA: number
  readonly maxDcW: number
  /** Grid to battery on AC. */
  readonly chargerEfficiency: number
  /** State of charge (0..1) above which the battery takes less and less, linearly to nothing. */
  readonly taperSoc: number
  /** How often one meets it. */
  readonly weight: number
}

export const VEHICLE_MODELS: readonly VehicleModel[] = [
  {
    id: 'sedan-11',
    batteryKwh: 58,
    phases: 3,
    maxA: 16,
    onePhaseMaxA: 32,
    maxDcW: 150_000,
    chargerEfficiency: 0.92,
    taperSoc: 0.82,
    weight: 34,
  },
  {
    id: 'suv-11',
    batteryKwh: 77,
    phases: 3,
    maxA: 16,
    onePhaseMaxA: 32,
    maxDcW: 130_000,
    chargerEfficiency: 0.91,
    taperSoc: 0.8,
    weight: 28,
  },
  {
    id: 'city-22',
    batteryKwh: 52,
    phases: 3,
    maxA: 32,
    onePhaseMaxA: 32,
    maxDcW: 46_000,
    chargerEfficiency: 0.88,
    taperSoc: 0.85,
    weight: 8,
  },
  {
    id: 'small-7',
    batteryKwh: 46,
    phases: 1,
    maxA: 32,
    onePhaseMaxA: 32,
    maxDcW: 100_000,
    chargerEfficiency: 0.9,
    taperSoc: 0.8,
    weight: 14,
  },
  {
    id: 'two-phase-7',
    batteryKwh: 36,
    phases: 2,
    maxA: 16,
    onePhaseMaxA: 16,
    maxDcW: 40_000,
    chargerEfficiency: 0.89,
    taperSoc: 0.8,
    weight: 6,
  },
  {
    id: 'plug-in-hybrid',
    batteryKwh: 12,
    phases: 1,
    maxA: 16,
    onePhaseMaxA: 16,
    maxDcW: 0,
    chargerEfficiency: 0.87,
    taperSoc: 0.9,
    weight: 10,
  },
]
