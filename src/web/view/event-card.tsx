import { useEffect, useState } from 'preact/hooks'
import { useDashboard } from '../dashboard.ts'
import { Failure } from '../data/failure.ts'
import type { EventDetail, GridEvent } from '../wire.ts'
import type { Tone } from '../words/charger.ts'
import { isOwn, STATE_WORDS, titleOf, valueWords, type EventPhase } from '../words/events.ts'
import { CancelDialog, OptOutDialog } from './event-dialogs.tsx'
import { Chip } from './parts.tsx'

interface Props {
  readonly event: GridEvent
  readonly phase: EventPhase
}

const TONES: Readonly<Record<EventPhase, Tone>> = {
  active: 'warn',
  upcoming: 'good',
  over: 'plain',
}

export const EventCard = ({ event, phase }: Props) => {
  const { format, coarseMs, mayOperate } = useDashboard()
  const [asks, setAsks] = useState(false)
  const now = coarseMs.value
  const { id, state, targets, test, reason, intervals } = event
  const canEnd = mayOperate.value && phase !== 'over'
  return (
    <li class={`event ${phase}`}>
      <div class="head">
        <h3>{titleOf(event, now, format.value)}</h3>
        <Chip tone={TONES[phase]}>{STATE_WORDS[state]}</Chip>
      </div>
      <p>
        {event.openEnded
          ? `from ${format.value.clock(Date.parse(event.start))} until it is cancelled`
          : format.value.span(Date.parse(event.start), Date.parse(event.end), now)}
        {targets.length > 0 && `, for ${targets.join(', ')}`}
        {test && ', only a test'}
      </p>
      <p class="help">
        {event.eventClass} event {id}
        {reason !== null && `: ${reason}`}
      </p>
      {intervals.length > 1 && <Intervals event={event} />}
      <div class="foot">
        <History event={event} />
        {canEnd && (
          <button type="button" onClick={() => setAsks(true)}>
            {isOwn(event) ? 'Cancel…' : 'Opt out…'}
          </button>
        )}
      </div>
      {asks &&
        (isOwn(event) ? (
          <CancelDialog event={event} onClose={() => setAsks(false)} />
        ) : (
          <OptOutDialog event={event} onClose={() => setAsks(false)} />
        ))}
    </li>
  )
}

const Intervals = ({ event: { intervals, signal, openEnded } }: { event: GridEvent }) => {
  const { format, coarseMs } = useDashboard()
  const { span } = format.value
  const now = coarseMs.value
  return (
    <ol class="intervals">
      {intervals.map(({ id, start, end, value }, index) => {
        const isNow = Date.parse(start) <= now && now < Date.parse(end)
        return (
          <li key={id} aria-current={isNow ? 'time' : undefined}>
            {openEnded && index === intervals.length - 1
              ? `from ${format.value.clock(Date.parse(start))} on`
              : span(Date.parse(start), Date.parse(end), now)}{' '}
            <b>{valueWords(value, signal, format.value)}</b>
          </li>
        )
      })}
    </ol>
  )
}

/** What the authority was told; read when somebody wants to know, and again when it goes on. */
const History = ({ event }: { event: GridEvent }) => {
  const { http, format, coarseMs } = useDashboard()
  const [isOpen, setOpen] = useState(false)
  const [detail, setDetail] = useState<EventDetail | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const { authority, eventId, since } = event

  useEffect(() => {
    if (!isOpen) return
    const abort = new AbortController()
    const path = `v1/events/${encodeURIComponent(authority)}/${encodeURIComponent(eventId)}`
    http.get<EventDetail>(path, abort.signal).then(
      (found) => {
        setDetail(found)
        setFault(null)
      },
      (error: unknown) => {
        if (!abort.signal.aborted)
          setFault(error instanceof Failure ? error.message : String(error))
      },
    )
    return () => abort.abort()
  }, [isOpen, authority, eventId, since, http])

  return (
    <details onToggle={(toggle) => setOpen(toggle.currentTarget.open)}>
      <summary>Acknowledgements</summary>
      {fault !== null && <p class="fault">{fault}</p>}
      {detail && (
        <ol class="history">
          {detail.history.map(({ state, at, modification, code, reason }) => (
            <li key={`${modification} ${state} ${at}`}>
              <time dateTime={at}>{format.value.moment(Date.parse(at), coarseMs.value)}</time>{' '}
              <b>{STATE_WORDS[state]}</b>
              {modification > 0 && ` (version ${modification})`}
              {code !== null && `, ${code}`}
              {reason !== null && `: ${reason}`}
            </li>
          ))}
        </ol>
      )}
    </details>
  )
}
