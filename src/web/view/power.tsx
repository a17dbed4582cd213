import { useDashboard } from '../dashboard.ts'
import { duration } from '../words/format.ts'
import { sourcesOf, type Source } from '../words/power.ts'
import { Panel, Value } from './parts.tsx'

/** Power per source now: numbers, and where it comes from and goes to. */
export const Power = () => {
  const { store } = useDashboard()
  const site = store.site.value
  if (!site) return null
  const running = store.evses.all().filter(({ transactionId }) => transactionId !== null)
  const told = running.filter(({ key }) => (store.grants.at(key).value?.powerW ?? null) !== null)
  const metered = { running: running.length, told: told.length }
  const sources = sourcesOf(site, store.nodes.value.at(0), metered, duration)
  return (
    <Panel id="power" title="Power now">
      <ul class="sources">
        {sources.map((source) => (
          <SourceFigure key={source.id} source={source} />
        ))}
      </ul>
      <Balance sources={sources} />
    </Panel>
  )
}

const SourceFigure = ({ source }: { source: Source }) => {
  const { format } = useDashboard()
  const { kind, name, powerW, words, doubt } = source
  return (
    <li class={doubt === null ? `source ${kind}` : `source ${kind} stale`}>
      <span class="name">
        <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
          <rect class={`fill-${kind}`} width="12" height="12" rx="2" />
        </svg>
        {name}
      </span>
      <b>
        <Value text={format.value.power(powerW)} />
      </b>
      <small>{kind === 'ev' ? <Vehicles /> : words}</small>
      {doubt !== null && <small class="doubt">{doubt}</small>}
    </li>
  )
}

const Vehicles = () => {
  const { store } = useDashboard()
  const evses = store.evses.all()
  const charging = evses.filter(({ status, online }) => online && status === 'charging').length
  const connected = store.sessions.keys.value.length
  return (
    <>
      {charging} charging, {connected} connected
    </>
  )
}

/** Below this a part of the balance is noise. */
const VISIBLE_W = 50

/** Two bars of one scale: from where power comes, and to where it goes. */
const Balance = ({ sources }: { sources: readonly Source[] }) => {
  const { format } = useDashboard()
  const known = sources.filter(({ feedW }) => feedW !== null && Math.abs(feedW) >= VISIBLE_W)
  const from = known.filter(({ feedW }) => feedW! > 0)
  const to = known.filter(({ feedW }) => feedW! < 0)
  const sum = (parts: readonly Source[]): number =>
    parts.reduce((watts, { feedW }) => watts + Math.abs(feedW!), 0)
  const scale = Math.max(sum(from), sum(to), 1)
  return (
    <div class="balance">
      {(
        [
          ['From', from],
          ['To', to],
        ] as const
      ).map(([title, parts]) => (
        <div key={title} class="row">
          <span class="way">{title}</span>
          <svg
            class="meter"
            role="img"
            aria-label={`${title}: ${
              parts.map(({ name, powerW }) => `${name} ${format.value.power(powerW)}`).join(', ') ||
              'nothing'
            }`}
          >
            {parts.map(({ id, kind, powerW }, k) => (
              <rect
                key={id}
                class={`fill-${kind}`}
                x={`${(100 * sum(parts.slice(0, k))) / scale}%`}
                width={`${(100 * powerW!) / scale}%`}
                height="100%"
              />
            ))}
          </svg>
          <span class="sum">{format.value.power(parts.length > 0 ? sum(parts) : 0)}</span>
        </div>
      ))}
    </div>
  )
}
