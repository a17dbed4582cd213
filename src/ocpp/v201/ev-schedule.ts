import type { ChargingSchedule } from '../../domain/charging-profile.ts'

const endS = (schedule: ChargingSchedule, index: number): number =>
  schedule.periods[index + 1]?.startS ?? schedule.durationS ?? Infinity

/** The limit at a moment, seconds after the start of the schedule; `null` = it says nothing. */
const limitAt = (schedule: ChargingSchedule, atS: number): number | null => {
  if (atS < 0 || (schedule.durationS !== null && atS >= schedule.durationS)) return null
  let limit: number | null = null
  for (const period of schedule.periods) {
    if (period.startS > atS) break
    limit = period.limit
  }
  return limit
}

/** Vehicles round. */
const TOLERANCE = 1.01

/**
 * Whether the schedule that a vehicle announces stays within the one that we installed (OCPP 2.0.1
 * K17.FR.06 onwards). Compared where a period of either begins; what is in another unit, or beyond
 * what we said, cannot be judged and passes. O(n m).
 */
export const staysWithin = (vehicle: ChargingSchedule, ours: ChargingSchedule): boolean => {
  if (vehicle.unit !== ours.unit) return true
  const shiftS = (vehicle.startMs - ours.startMs) / 1_000
  return vehicle.periods.every(({ startS, limit }, index) => {
    const [fromS, toS] = [startS + shiftS, endS(vehicle, index) + shiftS]
    const moments = [
      fromS,
      ...ours.periods.map((period) => period.startS).filter((at) => at > fromS && at < toS),
    ]
    return moments.every((atS) => {
      const allowed = limitAt(ours, atS)
      return allowed === null || limit <= allowed * TOLERANCE
    })
  })
}
