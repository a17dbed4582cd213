import { pointAtCharger } from '../data/address.ts'
import { useDashboard } from '../dashboard.ts'
import { isTroubled, stateOf, wiredPhases } from '../words/charger.ts'
import { duration } from '../words/format.ts'
import { PHASE_NAMES } from '../words/phases.ts'
import type { EvseState, LiveGrant, Session } from '../wire.ts'
import { Chip, Value } from './parts.tsx'

/** Stations report every half minute or so; what is older says nothing about now. */
const OLD_MS = 180_000

export const ChargerRow = ({ id }: { id: string }) => {
  const { store } = useDashboard()
  const evse = store.evses.at(id).value
  const grant = store.grants.at(id).value
  const session = store.sessions.at(id).value
  if (!evse) return null
  const { words, tone } = stateOf(evse)
  const isBad = isTroubled({ evse, grant, session })
  return (
    <tr class={isBad ? 'trouble' : undefined} onClick={() => pointAtCharger(id)}>
      <th scope="row" class="name">
        <button
          type="button"
          class="open"
          onClick={(event) => {
            event.stopPropagation()
            pointAtCharger(id)
          }}
        >
          {id}
        </button>
        <small>{store.nodeNames.value.get(evse.nodeId) ?? evse.nodeId}</small>
      </th>
      <td class="state">
        <Chip tone={tone}>{words}</Chip>
      </td>
      <td class={session && evse.measured ? 'draw' : 'draw empty'}>
        <Draw evse={evse} grant={grant} isPluggedIn={session !== null} />
      </td>
      <td class="limit">
        <Limit evse={evse} grant={grant} />
      </td>
      <td class="reason">
        <Reason grant={grant} />
      </td>
      <td class={session ? 'session' : 'session empty'}>
        <SessionCell session={session} soc={evse.measured?.soc} />
      </td>
    </tr>
  )
}

interface DrawProps {
  readonly evse: EvseState
  readonly grant: LiveGrant | null
  readonly isPluggedIn: boolean
}

const Draw = ({ evse, grant, isPluggedIn }: DrawProps) => {
  const { format, coarseMs } = useDashboard()
  const { measured, online } = evse
  if (!isPluggedIn || !measured) return <Value text={format.value.power(null)} />
  const ageMs = coarseMs.value - Date.parse(measured.receivedAt)
  const isOld = !online || ageMs > OLD_MS
  const drawA = grant?.drawA ?? measured.currentA
  return (
    <span class={isOld ? 'stale' : undefined}>
      <b>
        <Value text={format.value.power(grant?.powerW ?? measured.powerW)} />
      </b>
      {drawA && (
        <small class="phases">
          {wiredPhases(evse).map((phase) => (
            <span key={phase}>
              {PHASE_NAMES[phase]} {format.value.bareCurrent(drawA[phase])}
            </span>
          ))}
          A
        </small>
      )}
      {isOld && <small class="doubt">{duration(ageMs / 1_000)} old</small>}
    </span>
  )
}

const Limit = ({ evse, grant }: { evse: EvseState; grant: LiveGrant | null }) => {
  const { format } = useDashboard()
  const { current } = format.value
  if (!grant) return <Value text={current(null)} />
  // Nobody sets a limit there now: what it may draw is set aside for it.
  if (!evse.online) {
    return (
      <>
        <Value text={current(null)} />
        {grant.mayDrawA > 0 && <small>{current(grant.mayDrawA)} reserved</small>}
      </>
    )
  }
  const { inForceA, limitA } = grant
  return (
    <>
      <b>{current(inForceA)}</b>
      {Math.abs(limitA - inForceA) >= 0.5 && <small>granted {current(limitA)}</small>}
    </>
  )
}

const Reason = ({ grant }: { grant: LiveGrant | null }) => {
  if (!grant) return <Value text="–" />
  const [first, ...more] = grant.reasons
  return (
    <>
      {first ? first.text : 'Not limited'}
      {more.length > 0 && <small>and {more.length} more</small>}
    </>
  )
}

const SessionCell = ({ session, soc }: { session: Session | null; soc: number | undefined }) => {
  const { format, coarseMs } = useDashboard()
  if (!session) return <Value text="–" />
  const { energy, share, moment } = format.value
  const { energyWh, need } = session
  const departureMs = need.departure === null ? null : Date.parse(need.departure)
  return (
    <>
      <b>{energy(energyWh)}</b>
      {need.energyWh !== null && ` of ${energy(need.energyWh)}`}
      {need.energyWh !== null && (
        <progress
          max={Math.max(need.energyWh, 1)}
          value={Math.min(energyWh, need.energyWh)}
          aria-label="Energy delivered of the energy wanted"
        />
      )}
      <small>
        leaves <Value text={moment(departureMs, coarseMs.value)} />
        {soc !== undefined && `, battery ${share(soc)}`}
      </small>
    </>
  )
}
