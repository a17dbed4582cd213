import type { Static } from 'typebox'
import type { EVENT } from '../../api/resources/event.ts'
import { amps, kilowatts, type Times } from '../text.ts'

export type Event = Static<typeof EVENT>

/** A value of a signal in the unit that people use; `null` says nothing. */
export const valueText = (
  value: number | null,
  { unit, currency }: Pick<Event['signal'], 'unit' | 'currency'>,
): string => {
  if (value === null) return 'nothing'
  switch (unit) {
    case 'W':
      return kilowatts(value)
    case 'A':
      return amps(value)
    case 'fraction':
      return `${Math.round(value * 1_000) / 10} %`
    case 'level':
      return String(value)
    case 'currency/kWh':
      return `${value} ${currency ?? ''}/kWh`
    case 'g/kWh':
      return `${value} g/kWh`
  }
}

const SCOPES: Readonly<Record<Event['signal']['scope'], string>> = {
  controllable: 'for controlled chargers',
  connection: 'for the connection',
  evse: 'for each EVSE',
  phase: 'on each phase',
}

/** The interval that holds at `nowMs`, else the next, else the last. */
export const intervalAt = (
  { intervals }: Pick<Event, 'intervals'>,
  nowMs: number,
): Event['intervals'][number] =>
  intervals.find(({ end }) => Date.parse(end) > nowMs) ?? intervals[intervals.length - 1]

/** Kinds that are about power, so that it matters where it is counted. */
const HAS_SCOPE: ReadonlySet<Event['signal']['kind']> = new Set([
  'import-limit',
  'export-limit',
  'setpoint',
  'reduce-by',
  'level',
])

const MAX_NAMED = 3

/** ` at GARAGE-1, GARAGE-2`; nothing for the whole site. */
const targetText = (targets: readonly string[]): string => {
  if (targets.length === 0) return ''
  const more = targets.length - MAX_NAMED
  const named = targets.slice(0, MAX_NAMED).join(', ')
  return ` at ${named}${more > 0 ? ` and ${more} more` : ''}`
}

/** `import limit 20.0 kW for controlled chargers at garage`. */
export const signalText = (
  event: Pick<Event, 'signal' | 'intervals' | 'targets'>,
  nowMs: number,
): string => {
  const { signal, targets } = event
  const { kind, scope } = signal
  const says = kind.replaceAll('-', ' ')
  // These say it by being there.
  if (kind === 'no-charge' || kind === 'alert') return `${says}${targetText(targets)}`
  const value = valueText(intervalAt(event, nowMs).value, signal)
  const where = HAS_SCOPE.has(kind) ? ` ${SCOPES[scope]}` : ''
  return `${says} ${value}${where}${targetText(targets)}`
}

/** When it ends, for people. */
export const endText = (
  { end, openEnded }: Pick<Event, 'end' | 'openEnded'>,
  times: Times,
): string => (openEnded ? 'until it is cancelled' : times.minute(end))

/** `utility/e1 (contract): import limit 20.0 kW for controlled chargers, 14:00 to 14:20, started`. */
export const eventText = (event: Event, times: Times, nowMs: number): string => {
  const { id, eventClass, start, state } = event
  const end = endText(event, times)
  const when = event.openEnded
    ? `from ${times.minute(start)} ${end}`
    : `${times.minute(start)} to ${end}`
  return `${id} (${eventClass}): ${signalText(event, nowMs)}, ${when}, ${state}`
}

/** Authority of the events that are made by the API. */
export const API_AUTHORITY = 'api'
