import { useState } from 'preact/hooks'
import { useDashboard } from '../dashboard.ts'
import type { Station } from '../wire.ts'
import { makeOf, seenWords, sortStrangers, strangerState } from '../words/station.ts'
import { Chip, Panel } from './parts.tsx'
import { AdoptDialog, RemoveDialog } from './stranger-dialogs.tsx'

/** More of them are no visitors, but a flood: the page stays a page. */
const MAX_SHOWN = 24

/** Stations that the configuration does not name; nothing when there are none. */
export const Strangers = () => {
  const { store, mayAdmin } = useDashboard()
  const all = store.strangers.all()
  if (all.length === 0) return null
  const waiting = all.filter(({ state }) => state === 'quarantined').length
  const shown = sortStrangers(all).slice(0, MAX_SHOWN)
  return (
    <Panel
      id="strangers"
      title="Unknown stations"
      aside={
        <p class="count" role="status">
          {waiting} in quarantine{all.length > waiting && `, ${all.length - waiting} adopted`}
        </p>
      }
    >
      <p class="help">
        Not in the configuration; charging is refused.
        {!mayAdmin.value && ' A token with the scope admin can adopt or remove them.'}
      </p>
      <ul class="cards">
        {shown.map((station) => (
          <StrangerCard key={station.stationId} station={station} />
        ))}
      </ul>
      {all.length > shown.length && (
        <p class="help">
          {all.length - shown.length} more are not shown; <code>busbar stations</code> lists all.
        </p>
      )}
    </Panel>
  )
}

const StrangerCard = ({ station }: { station: Station }) => {
  const { format, coarseMs, mayAdmin } = useDashboard()
  const [asks, setAsks] = useState<'adopt' | 'remove' | null>(null)
  const { stationId, state } = station
  const { words, tone } = strangerState(station)
  const isWaiting = state === 'quarantined'
  const close = (): void => setAsks(null)
  return (
    <li class={isWaiting && station.online ? 'outside' : undefined}>
      <div class="head">
        <h3>{stationId}</h3>
        <Chip tone={tone}>{words}</Chip>
      </div>
      <p>{makeOf(station)}</p>
      <p class="help">{seenWords(station, coarseMs.value, format.value)}</p>
      {!isWaiting && <p class="help">Add it to the configuration to enable charging.</p>}
      {mayAdmin.value && (
        <div class="foot">
          {isWaiting && (
            <button type="button" onClick={() => setAsks('adopt')}>
              Adopt…<span class="hidden"> {stationId}</span>
            </button>
          )}
          <button type="button" onClick={() => setAsks('remove')}>
            Remove…<span class="hidden"> {stationId}</span>
          </button>
        </div>
      )}
      {asks === 'adopt' && <AdoptDialog station={station} onClose={close} />}
      {asks === 'remove' && <RemoveDialog station={station} onClose={close} />}
    </li>
  )
}
