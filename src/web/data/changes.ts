import { batch } from '@preact/signals'
import type {
  Change,
  Condition,
  EvseState,
  GrantChange,
  GridEvent,
  Session,
  Snapshot,
  Station,
} from '../wire.ts'
import { isStranger } from '../words/station.ts'
import type { SseMessage } from './sse.ts'
import { sessionKey, takeSnapshot, type Store } from './store.ts'

/** What must be read anew, because a message only says that it is different now. */
export type Refresh = 'plan' | 'prices'

/** Kinds of messages that the page wants. */
export const KINDS = [
  'snapshot',
  'site',
  'station',
  'evse',
  'session',
  'event',
  'grant',
  'plan',
  'price',
  'condition',
] as const

/** Applies a message of the stream. Kinds that a newer server adds are left alone. */
export const applyMessage = (
  store: Store,
  { event, data }: SseMessage,
  refresh: (what: Refresh) => void,
): void => {
  const message: unknown = JSON.parse(data)
  if (event === 'snapshot') return takeSnapshot(store, message as Snapshot)
  const change = message as Change
  switch (event) {
    case 'site':
      return takeFailsafe(store, change as Change<{ failsafe?: string | null }>)
    case 'station':
      return takeStation(store, change as Change<Station | null>)
    case 'evse':
      return store.evses.set(change.id, change.data as EvseState | null)
    case 'session':
      return takeSession(store, change as Change<Session | null>)
    case 'event':
      return store.events.set(change.id, change.data as GridEvent | null)
    case 'grant':
      return takeGrant(store, change as Change<GrantChange | null>)
    case 'plan':
      return refresh('plan')
    case 'price':
      return refresh('prices')
    case 'condition':
      return store.conditions.set(change.id, change.data as Condition | null)
  }
}

const takeFailsafe = (store: Store, { data }: Change<{ failsafe?: string | null }>): void => {
  const site = store.site.peek()
  if (site && data.failsafe !== undefined) store.site.value = { ...site, failsafe: data.failsafe }
}

const takeStation = (store: Store, { id, data }: Change<Station | null>): void =>
  store.strangers.set(id, data && isStranger(data) ? data : null)

const takeSession = (store: Store, { data }: Change<Session | null>): void => {
  if (!data) return
  const key = sessionKey(data)
  const present = store.sessions.at(key).peek()
  // The end of an old session must not hide the one that came after it.
  if (data.endedAt !== null && present && present.id !== data.id) return
  store.sessions.set(key, data.endedAt === null ? data : null)
}

const takeGrant = (store: Store, { id, data }: Change<GrantChange | null>): void => {
  const present = store.grants.at(id).peek()
  if (data && present) batch(() => store.grants.set(id, { ...present, ...data }))
}
