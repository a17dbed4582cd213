import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useDashboard } from '../dashboard.ts'
import type { GridEvent } from '../wire.ts'
import { mayPrefer, titleOf } from '../words/events.ts'
import { Confirm } from './confirm.tsx'

interface Props {
  readonly event: GridEvent
  readonly onClose: () => void
}

export const CancelDialog = ({ event, onClose }: Props) => (
  <ConfirmEvent
    event={event}
    onClose={onClose}
    title="Cancel this event?"
    action="Cancel the event"
    step="cancel"
    body={() => ({})}
  >
    <p>It ends now, and the chargers get their power back step by step.</p>
  </ConfirmEvent>
)

export const OptOutDialog = ({ event, onClose }: Props) => {
  const isFree = mayPrefer(event)
  const [reason, setReason] = useState('')
  const [code, setCode] = useState<'userOverride' | 'safety'>(isFree ? 'userOverride' : 'safety')
  return (
    <ConfirmEvent
      event={event}
      onClose={onClose}
      title="Opt out of this event?"
      action="Opt out"
      step="opt-out"
      body={() => ({ code, reason: reason.trim() })}
    >
      <p>
        Busbar will stop following it and notify {event.authority}.
        {!isFree && ' This event allows an opt-out for safety only.'}
      </p>
      {isFree && (
        <label>
          Reason
          <select
            value={code}
            onChange={(change) => setCode(change.currentTarget.value as typeof code)}
          >
            <option value="userOverride">Operator decision</option>
            <option value="safety">Safety</option>
          </select>
        </label>
      )}
      <label>
        Comment for {event.authority}
        <input
          required
          maxLength={200}
          value={reason}
          onInput={(input) => setReason(input.currentTarget.value)}
        />
      </label>
    </ConfirmEvent>
  )
}

interface ConfirmProps extends Props {
  readonly title: string
  /** Words of the button that does it. */
  readonly action: string
  /** Last part of the path that does it. */
  readonly step: 'cancel' | 'opt-out'
  readonly body: () => unknown
  readonly children: ComponentChildren
}

const ConfirmEvent = ({ event, onClose, title, action, step, body, children }: ConfirmProps) => {
  const { http, store, format, nowMs } = useDashboard()
  const { authority, eventId } = event
  return (
    <Confirm
      title={title}
      what={titleOf(event, nowMs.peek(), format.value)}
      action={action}
      keep="Close"
      isDanger
      act={async () => {
        const path = `v1/events/${encodeURIComponent(authority)}/${encodeURIComponent(eventId)}`
        const next = await http.post<GridEvent>(`${path}/${step}`, body())
        store.events.set(next.id, next)
      }}
      onClose={onClose}
    >
      {children}
    </Confirm>
  )
}
