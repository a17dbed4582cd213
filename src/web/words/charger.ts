import type { EvseState, LiveGrant, Session } from '../wire.ts'
import { PHASE_NAMES } from './phases.ts'

export type Tone = 'good' | 'plain' | 'warn' | 'bad'

/** One charger as the list shows it. */
export interface Charger {
  readonly evse: EvseState
  readonly grant: LiveGrant | null
  readonly session: Session | null
}

export interface State {
  readonly words: string
  readonly tone: Tone
}

const STATES: Readonly<Record<EvseState['status'], State>> = {
  available: { words: 'free', tone: 'plain' },
  occupied: { words: 'connected', tone: 'plain' },
  charging: { words: 'charging', tone: 'good' },
  'suspended-ev': { words: 'paused by vehicle', tone: 'plain' },
  'suspended-evse': { words: 'paused by charger', tone: 'warn' },
  finishing: { words: 'finishing', tone: 'plain' },
  reserved: { words: 'reserved', tone: 'plain' },
  unavailable: { words: 'out of service', tone: 'bad' },
  faulted: { words: 'fault', tone: 'bad' },
  unknown: { words: 'unknown', tone: 'warn' },
}

export const stateOf = ({ online, planned, status }: EvseState): State => {
  if (online) return STATES[status]
  return planned ? { words: 'never connected', tone: 'plain' } : { words: 'offline', tone: 'bad' }
}

/** Reasons that say that something is not as it should be. */
const TROUBLE: ReadonlySet<string> = new Set([
  'offline',
  'never-accepted',
  'disobeys',
  'meter-stale',
  'meter-contradicted',
  'failsafe',
  'cannot-be-steered',
  'failsafe-overruled',
])

export const isTroubled = ({ evse, grant }: Charger): boolean =>
  stateOf(evse).tone === 'bad' || (grant?.reasons.some(({ code }) => TROUBLE.has(code)) ?? false)

/** Somebody waits for power that the site, an event or the plan does not give. */
const HOLDS_BACK: ReadonlySet<string> = new Set([
  'node-limit',
  'node-power',
  'event-limit',
  'event-evse-limit',
  'event-node-limit',
  'setpoint',
  'below-minimum',
  'waiting-turn',
  'minimum-off-time',
  'phase-switch',
  'plan',
  'ramp',
  'room-pending',
  'failsafe',
])

export const isHeldBack = ({ grant, session }: Charger): boolean =>
  session !== null && HOLDS_BACK.has(grant?.reasons.at(0)?.code ?? '')

export const FILTERS = {
  all: { words: 'All', holds: () => true },
  charging: {
    words: 'Charging',
    holds: ({ evse }: Charger) => evse.online && evse.status === 'charging',
  },
  held: { words: 'Limited', holds: isHeldBack },
  trouble: { words: 'Trouble', holds: isTroubled },
  free: { words: 'Free', holds: ({ evse }: Charger) => evse.online && evse.status === 'available' },
} as const satisfies Record<string, { words: string; holds: (charger: Charger) => boolean }>

export type Filter = keyof typeof FILTERS

const byName = new Intl.Collator('en', { numeric: true })
const NEVER = Number.MAX_SAFE_INTEGER

/** Smaller comes first; equal ones go by their name. */
export const ORDERS = {
  name: { words: 'Charger', rank: () => 0 },
  state: { words: 'State', rank: ({ evse }: Charger) => stateRank(evse) },
  draw: { words: 'Draw', rank: ({ grant }: Charger) => -(grant?.powerW ?? -1) },
  limit: { words: 'Limit', rank: ({ grant }: Charger) => -(grant?.inForceA ?? -1) },
  departure: {
    words: 'Session',
    rank: ({ session }: Charger) => {
      if (session === null) return NEVER
      const { departure } = session.need
      return departure === null ? NEVER - 1 : Date.parse(departure)
    },
  },
} as const satisfies Record<string, { words: string; rank: (charger: Charger) => number }>

export type Order = keyof typeof ORDERS

const TONES: readonly Tone[] = ['bad', 'warn', 'good', 'plain']
const stateRank = (evse: EvseState): number => TONES.indexOf(stateOf(evse).tone)

/** Every word must be found in the name, the node, the state or a reason. */
export const matches = (charger: Charger, query: string, nodeName: string): boolean => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const { evse, grant, session } = charger
  const text = [evse.key, nodeName, stateOf(evse).words, session?.idToken ?? '']
    .concat(grant?.reasons.map((reason) => reason.text) ?? [])
    .join(' ')
    .toLowerCase()
  return words.every((word) => text.includes(word))
}

export const sortChargers = (
  chargers: readonly Charger[],
  order: Order,
  isDescending: boolean,
): Charger[] => {
  const { rank } = ORDERS[order]
  const sign = isDescending ? -1 : 1
  return chargers.toSorted(
    (a, b) => sign * (rank(a) - rank(b) || byName.compare(a.evse.key, b.evse.key)),
  )
}

/** Phases that the wiring uses, as indices. */
export const wiredPhases = ({ wiring }: Pick<EvseState, 'wiring'>): readonly number[] =>
  [0, 1, 2].filter((phase) => wiring.includes(PHASE_NAMES[phase]))
