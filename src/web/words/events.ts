import type { GridEvent } from '../wire.ts'
import type { Format } from './format.ts'

const OVER: readonly GridEvent['state'][] = [
  'opted-out',
  'rejected',
  'completed',
  'aborted',
  'superseded',
  'cancelled',
  'expired',
]

export const isOver = ({ state }: GridEvent): boolean => OVER.includes(state)

export type EventPhase = 'active' | 'upcoming' | 'over'

export const phaseOf = (event: GridEvent, nowMs: number): EventPhase => {
  if (isOver(event)) return 'over'
  return event.state === 'started' || Date.parse(event.start) <= nowMs ? 'active' : 'upcoming'
}

export const STATE_WORDS: Readonly<Record<GridEvent['state'], string>> = {
  received: 'received',
  accepted: 'accepted',
  partial: 'accepted in part',
  'opted-out': 'opted out',
  rejected: 'rejected',
  started: 'active',
  completed: 'completed',
  aborted: 'aborted',
  superseded: 'superseded',
  cancelled: 'cancelled',
  expired: 'expired',
}

const KIND_WORDS: Readonly<Record<GridEvent['signal']['kind'], string>> = {
  'import-limit': 'Limit',
  'export-limit': 'Export limit',
  setpoint: 'Setpoint',
  'reduce-by': 'Reduction',
  level: 'Level',
  price: 'Price',
  'export-price': 'Export price',
  carbon: 'Carbon intensity',
  'soc-target': 'Charge target',
  'no-charge': 'No charging',
  alert: 'Alert',
}

const SCOPE_WORDS: Readonly<Record<GridEvent['signal']['scope'], string>> = {
  connection: 'for the grid connection',
  controllable: 'for all vehicles',
  evse: 'for each charger',
  phase: 'for each phase',
}

/** Kinds that are about power have a scope that says something. */
const HAS_SCOPE: ReadonlySet<GridEvent['signal']['kind']> = new Set([
  'import-limit',
  'export-limit',
  'setpoint',
  'reduce-by',
  'level',
])

export const valueWords = (
  value: number | null,
  { unit }: GridEvent['signal'],
  format: Format,
): string => {
  if (value === null) return 'nothing said'
  switch (unit) {
    case 'W':
      return format.power(value)
    case 'A':
      return format.current(value)
    case 'fraction':
      return format.share(value)
    case 'level':
      return String(value)
    case 'currency/kWh':
      return format.price(value)
    case 'g/kWh':
      return `${value} g/kWh`
  }
}

/** The value that holds now, or the first one that will. */
export const presentValue = ({ intervals }: GridEvent, nowMs: number): number | null => {
  const holding = intervals.find(
    ({ start, end }) => Date.parse(start) <= nowMs && nowMs < Date.parse(end),
  )
  return (holding ?? intervals.find(({ start }) => Date.parse(start) > nowMs) ?? intervals.at(-1))!
    .value
}

/** `Limit 20.0 kW for all vehicles`. */
export const titleOf = (event: GridEvent, nowMs: number, format: Format): string => {
  const { signal } = event
  const name = KIND_WORDS[signal.kind]
  if (signal.kind === 'no-charge' || signal.kind === 'alert') return name
  const value = presentValue(event, nowMs)
  const words = value === null ? '' : ` ${valueWords(value, signal, format)}`
  const scope = HAS_SCOPE.has(signal.kind) ? ` ${SCOPE_WORDS[signal.scope]}` : ''
  return `${name}${words}${scope}`
}

/** Events that were made here can be cancelled; those of others can be left, for a reason. */
export const isOwn = ({ authority }: GridEvent): boolean => authority === 'api'

/** Whether an operator may leave the event by preference, and not for safety alone. */
export const mayPrefer = ({ optOut, eventClass }: GridEvent): boolean =>
  optOut && eventClass !== 'emergency' && eventClass !== 'mandatory'
