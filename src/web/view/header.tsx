import type { ThemeChoice } from '../data/theme.ts'
import { useDashboard } from '../dashboard.ts'
import type { Site } from '../wire.ts'
import { duration } from '../words/format.ts'
import { siteMode } from '../words/site-mode.ts'
import { Logo, ThemeButton, Value } from './parts.tsx'

export const Header = ({ theme }: { theme: ThemeChoice }) => {
  const { store, staleSinceMs, signOut } = useDashboard()
  const site = store.site.value
  return (
    <header class="top">
      <div class="bar">
        <h1>
          <Logo />
          <span>{site?.name ?? 'Busbar'}</span>
        </h1>
        {site && <Mode site={site} />}
        <LinkState />
        <div class="now" data-stale={staleSinceMs.value !== null || undefined}>
          {site && <Total watts={site.gridW} />}
          {site && <Clock />}
        </div>
        <ThemeButton theme={theme} />
        <button type="button" class="quiet" onClick={signOut}>
          Sign out
        </button>
      </div>
      {site?.failsafe && (
        <p class="banner bad" role="alert">
          <strong>Failsafe:</strong> {site.failsafe}. Every charger is held at its failsafe limit.
        </p>
      )}
    </header>
  )
}

const Mode = ({ site }: { site: Site }) => {
  const { store, link, staleSinceMs } = useDashboard()
  const isConnected = link.value.state === 'live' && staleSinceMs.value === null
  const { words, tone } = siteMode(site, store.nodes.value, store.evses.all(), isConnected)
  return (
    <span class={`chip ${tone}`} role="status">
      {words}
    </span>
  )
}

const Total = ({ watts }: { watts: number | null }) => {
  const { format } = useDashboard()
  const way = watts === null ? 'Grid' : watts < 0 ? 'Export' : 'Import'
  return (
    <span class="total">
      {way}{' '}
      <b>
        <Value text={format.value.power(watts === null ? null : Math.abs(watts))} />
      </b>
    </span>
  )
}

const Clock = () => {
  const { nowMs, format } = useDashboard()
  const { clock, day, zone } = format.value
  return (
    <time
      class="clock"
      dateTime={new Date(nowMs.value).toISOString()}
      title={`${day(nowMs.value)}, time of the site`}
    >
      {clock(nowMs.value)} <small>{zone(nowMs.value)}</small>
    </time>
  )
}

/** Live, reconnecting, or how old that is what is shown. */
const LinkState = () => {
  const { link, store, nowMs, staleSinceMs, format, retry } = useDashboard()
  const { state } = link.value
  const atMs = store.atMs.value
  const staleMs = staleSinceMs.value
  const age = (sinceMs: number): string => duration((nowMs.value - sinceMs) / 1_000)

  if (state !== 'live') {
    const words = atMs === null ? 'Connecting' : 'Reconnecting'
    return (
      <span class="chip warn busy link">
        <span role="status">{words}</span>
        {atMs !== null && (
          <small>
            stale since {format.value.clock(atMs)} ({age(atMs)})
          </small>
        )}
        {state === 'waiting' && (
          <button type="button" class="quiet" onClick={retry}>
            Retry now
          </button>
        )}
      </span>
    )
  }
  return staleMs === null ? (
    <span class="chip good link">
      <span role="status">Live</span>
    </span>
  ) : (
    <span class="chip warn link">
      <span role="status">Control loop not responding</span>
      <small>
        stale since {format.value.clock(staleMs)} ({age(staleMs)})
      </small>
    </span>
  )
}
