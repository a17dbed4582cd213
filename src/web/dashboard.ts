import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { chargerInAddress, pointAtCharger } from './data/address.ts'
import type { Failure } from './data/failure.ts'
import { createHttp, type Http } from './data/http.ts'
import { createLive, type Link } from './data/live.ts'
import { createSiteClock } from './data/site-clock.ts'
import { createStore, type Store } from './data/store.ts'
import { createFormat, type Format } from './words/format.ts'

/** Everything that the parts of the page share while somebody is signed in. */
export interface Dashboard {
  readonly store: Store
  readonly http: Http
  readonly link: ReadonlySignal<Link>
  /** The server's time, in steps of a second. */
  readonly nowMs: ReadonlySignal<number>
  /** The same in steps of half a minute, for what there is much of. */
  readonly coarseMs: ReadonlySignal<number>
  readonly format: ReadonlySignal<Format>
  /** What is shown is not of now: since when. `null` = it is. */
  readonly staleSinceMs: ReadonlySignal<number | null>
  /** The token may steer: events, sessions, commands. */
  readonly mayOperate: ReadonlySignal<boolean>
  /** The token may say who belongs to the site. */
  readonly mayAdmin: ReadonlySignal<boolean>
  /** Charger whose details are open. */
  readonly openCharger: Signal<string | null>
  readonly signOut: () => void
  /** Connects again at once. */
  readonly retry: () => void
  readonly start: () => void
  readonly stop: () => void
}

/** Snapshots come every other second, ticks every second. */
const STALE_AFTER_MS = 10_000
const COARSE_MS = 30_000

/** @param onEnd the token was refused, or (`null`) the reader signed out */
export const createDashboard = (
  token: string,
  onEnd: (because: Failure | null) => void,
): Dashboard => {
  const http = createHttp(token)
  const store = createStore()
  const live = createLive({ http, store, onRefused: onEnd })
  const clock = createSiteClock(store)
  const openCharger = signal(chargerInAddress())

  const followAddress = (): void => {
    openCharger.value = chargerInAddress()
  }

  return {
    store,
    http,
    link: live.link,
    nowMs: clock.nowMs,
    coarseMs: computed(() => clock.nowMs.value - (clock.nowMs.value % COARSE_MS)),
    format: computed(() => {
      const { timeZone = 'UTC', currency = 'EUR' } = store.site.value ?? {}
      return createFormat(timeZone, currency)
    }),
    staleSinceMs: computed(() => {
      const atMs = store.atMs.value
      return atMs !== null && clock.nowMs.value - atMs > STALE_AFTER_MS ? atMs : null
    }),
    mayOperate: computed(() => store.token.value?.scopes.includes('operate') ?? false),
    mayAdmin: computed(() => store.token.value?.scopes.includes('admin') ?? false),
    openCharger,
    signOut: () => onEnd(null),
    retry: live.retry,
    start: () => {
      addEventListener('hashchange', followAddress)
      live.start()
    },
    stop: () => {
      removeEventListener('hashchange', followAddress)
      pointAtCharger(null)
      live.stop()
      clock.stop()
    },
  }
}

export const DashboardContext = createContext<Dashboard | null>(null)

export const useDashboard = (): Dashboard => {
  const dashboard = useContext(DashboardContext)
  if (!dashboard) throw new Error('this part stands outside of the dashboard')
  return dashboard
}
