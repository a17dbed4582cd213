import type { BatteryTable } from './device-tables.ts'
import type { Schedule } from './model.ts'

/**
 * Replaces charging and discharging at once by the one that changes the content equally. The
 * storage then draws less from the grid, never more.
 */
export const netOut = ({ count, offset, gain, loss }: BatteryTable, schedule: Schedule): void => {
  const { charge, discharge } = schedule
  for (let i = 0; i < count; i++) {
    for (let k = offset[i]; k < offset[i + 1]; k++) {
      if (charge[k] === 0 || discharge[k] === 0) continue
      const change = gain[i] * charge[k] - loss[i] * discharge[k]
      charge[k] = change > 0 ? change / gain[i] : 0
      discharge[k] = change > 0 ? 0 : -change / loss[i]
    }
  }
}

/** Keeps every content within its limits by charging or discharging less. O(entries). */
export const holdContent = (batteries: BatteryTable, schedule: Schedule): void => {
  const { count, offset, gain, loss, startKWh, lowKWh, highKWh } = batteries
  const { charge, discharge } = schedule
  for (let i = 0; i < count; i++) {
    let content = startKWh[i]
    for (let k = offset[i]; k < offset[i + 1]; k++) {
      charge[k] = Math.min(charge[k], Math.max(0, (highKWh[i] - content) / gain[i]))
      discharge[k] = Math.min(discharge[k], Math.max(0, (content - lowKWh[i]) / loss[i]))
      content += gain[i] * charge[k] - loss[i] * discharge[k]
    }
  }
}
