import type { ComponentChildren } from 'preact'
import { useDashboard } from '../dashboard.ts'
import type { Evse, GridEvent, ProfileRecord, Reason, Session, Why } from '../wire.ts'
import { stateOf } from '../words/charger.ts'
import { STATE_WORDS, titleOf } from '../words/events.ts'
import { duration } from '../words/format.ts'
import { PURPOSE_WORDS, scheduleWords } from '../words/profiles.ts'
import { Chip, Value } from './parts.tsx'
import { SessionPlan } from './session-plan.tsx'

/** Why a charger has the limit that it has. */
export const ChargerDetail = ({ why }: { why: Why }) => {
  const { evse, session, nodes, profiles, plan, events } = why
  return (
    <>
      <Facts evse={evse} path={nodes.map(({ name }) => name)} />
      <Part title="Why">
        <Reasons grant={evse.grant} />
      </Part>
      {events.length > 0 && (
        <Part title="Grid events that concern it">
          <ul class="findings">
            {events.map((event) => (
              <EventLine key={event.id} event={event} />
            ))}
          </ul>
        </Part>
      )}
      {session && (
        <Part title="Session">
          <SessionFacts session={session} soc={evse.measured?.soc} />
        </Part>
      )}
      {plan && (
        <Part title="Plan of this session">
          <SessionPlan plan={plan} />
        </Part>
      )}
      <Part title="Charging profiles">
        <Profiles profiles={profiles} />
      </Part>
    </>
  )
}

const Part = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section>
    <h3>{title}</h3>
    {children}
  </section>
)

const Fact = ({ name, text }: { name: string; text: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <Value text={text} />
    </dd>
  </div>
)

const Facts = ({ evse, path }: { evse: Evse; path: readonly string[] }) => {
  const { format, nowMs } = useDashboard()
  const { current, power, moment } = format.value
  const { grant, measured, wiring, maxA, minA, failsafeA, priority } = evse
  const { words, tone } = stateOf(evse)
  const validTo = grant?.validTo ? Date.parse(grant.validTo) : null
  return (
    <>
      <p class="where">
        <Chip tone={tone}>{words}</Chip> {path.toReversed().join(' › ')}
      </p>
      <dl class="facts">
        <Fact name="Draws" text={power(measured?.powerW)} />
        <Fact name="Granted" text={current(grant?.limitA)} />
        <Fact name="In force" text={current(grant?.inForceA)} />
        <Fact name="In force until" text={moment(validTo, nowMs.value)} />
        <Fact name="Reserved" text={current(grant?.mayDrawA)} />
        <Fact name="Rated" text={`${current(minA)} to ${current(maxA)}`} />
        <Fact name="Failsafe" text={current(failsafeA)} />
        <Fact name="Wiring" text={`${evse.current}, ${wiring}`} />
        <Fact name="Priority" text={String(priority)} />
      </dl>
      {measured && (
        <p class="help">
          Measured {duration((nowMs.value - Date.parse(measured.measuredAt)) / 1_000)} ago
        </p>
      )}
    </>
  )
}

const Reasons = ({ grant }: { grant: Evse['grant'] }) => {
  const reasons: readonly Reason[] | null = grant?.reasons ?? null
  const together = grant?.together ?? 1
  if (reasons === null) return <p>No decision yet.</p>
  if (reasons.length === 0) return <p>Not limited.</p>
  return (
    <ol class="reasons">
      {reasons.map((reason, k) => (
        <li key={reason.code}>
          {reason.text}
          {k < together && <small>{together > 1 ? 'binding together' : 'binding'}</small>}
        </li>
      ))}
    </ol>
  )
}

const EventLine = ({ event }: { event: GridEvent }) => {
  const { format, nowMs } = useDashboard()
  const { span } = format.value
  const now = nowMs.value
  return (
    <li class={event.state === 'started' ? 'event' : undefined}>
      {titleOf(event, now, format.value)}
      <small>
        {STATE_WORDS[event.state]}, {span(Date.parse(event.start), Date.parse(event.end), now)},{' '}
        {event.id}
      </small>
    </li>
  )
}

const NEED_WORDS: Readonly<Record<Session['need']['source'], string>> = {
  driver: 'the driver',
  api: 'an operator',
  station: 'the station',
  history: 'earlier sessions',
  default: 'an assumption',
}

const SessionFacts = ({ session, soc }: { session: Session; soc: number | undefined }) => {
  const { format, nowMs } = useDashboard()
  const { energy, moment, share } = format.value
  const { need, energyWh, connectedAt, idToken, priority } = session
  const departure = need.departure === null ? null : Date.parse(need.departure)
  return (
    <dl class="facts">
      <Fact name="Delivered" text={energy(energyWh)} />
      <Fact name="Wanted" text={need.energyWh === null ? 'until full' : energy(need.energyWh)} />
      <Fact name="Leaves" text={moment(departure, nowMs.value)} />
      <Fact name="Said by" text={NEED_WORDS[need.source]} />
      <Fact name="Connected" text={moment(Date.parse(connectedAt), nowMs.value)} />
      <Fact name="Battery" text={share(soc)} />
      <Fact name="Card" text={idToken ?? '–'} />
      <Fact name="Priority" text={String(priority)} />
    </dl>
  )
}

/** The four records of each profile; none overwrites another. */
const Profiles = ({ profiles }: { profiles: readonly ProfileRecord[] }) => {
  const { format, nowMs } = useDashboard()
  if (profiles.length === 0) return <p>None is known.</p>
  const now = nowMs.value
  return (
    <>
      {profiles.map(({ purpose, desired, sent, reported, verified }) => (
        <table key={purpose} class="profile">
          <caption>{PURPOSE_WORDS[purpose]}</caption>
          <tbody>
            <ProfileLine name="Desired" profile={desired} at={null} />
            <ProfileLine name="Sent" profile={sent?.profile ?? null} at={sent?.at ?? null} />
            <ProfileLine
              name="Accepted"
              profile={reported?.profile ?? null}
              at={reported?.at ?? null}
            />
            <tr>
              <th scope="row">Verified</th>
              <td>
                {verified ? (
                  <>
                    {format.value.current(verified.limitA)} seen by {verified.by}
                    <small>{format.value.moment(Date.parse(verified.at), now)}</small>
                  </>
                ) : (
                  <Value text="–" />
                )}
              </td>
            </tr>
          </tbody>
        </table>
      ))}
    </>
  )
}

interface ProfileLineProps {
  readonly name: string
  readonly profile: ProfileRecord['desired']
  readonly at: string | null
}

const ProfileLine = ({ name, profile, at }: ProfileLineProps) => {
  const { format, nowMs } = useDashboard()
  const now = nowMs.value
  const { moment } = format.value
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {profile ? (
          <>
            {scheduleWords(profile.schedule, now, format.value)}
            <small>
              {profile.validTo === null
                ? 'for ever'
                : `until ${moment(Date.parse(profile.validTo), now)}`}
              {at !== null && `, at ${moment(Date.parse(at), now)}`}
            </small>
          </>
        ) : (
          <Value text="–" />
        )}
      </td>
    </tr>
  )
}
