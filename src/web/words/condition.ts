import type { Condition } from '../wire.ts'

/** Alarms first, then the latest first, as the API lists them. */
export const conditionOrder = (a: Condition, b: Condition): number =>
  Number(b.severity === 'alarm') - Number(a.severity === 'alarm') ||
  Date.parse(b.since) - Date.parse(a.since) ||
  a.key.localeCompare(b.key)
