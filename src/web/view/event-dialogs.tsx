import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useDashboard } from '../dashboard.ts'
import { Failure } from '../data/failure.ts'
import type { GridEvent } from '../wire.ts'
import { mayPrefer, titleOf } from '../words/events.ts'

interface Props {
  readonly event: GridEvent
  readonly onClose: () => void
}

export const CancelDialog = ({ event, onClose }: Props) => (
  <Confirm
    event={event}
    onClose={onClose}
    title="Cancel this event?"
    action="Cancel the event"
    step="cancel"
    body={() => ({})}
  >
    <p>It ends now, and the chargers get their power back step by step.</p>
  </Confirm>
)

export const OptOutDialog = ({ event, onClose }: Props) => {
  const isFree = mayPrefer(event)
  const [reason, setReason] = useState('')
  const [code, setCode] = useState<'userOverride' | 'safety'>(isFree ? 'userOverride' : 'safety')
  return (
    <Confirm
      event={event}
      onClose={onClose}
      title="Opt out of this event?"
      action="Opt out"
      step="opt-out"
      body={() => ({ code, reason: reason.trim() })}
    >
      <p>
        It is not followed any more, and {event.authority} is told so.
        {!isFree && ' This event can be left for safety only.'}
      </p>
      {isFree && (
        <label>
          Because
          <select
            value={code}
            onChange={(change) => setCode(change.currentTarget.value as typeof code)}
          >
            <option value="userOverride">we decide so</option>
            <option value="safety">it would be unsafe</option>
          </select>
        </label>
      )}
      <label>
        Reason, told to {event.authority}
        <input
          required
          maxLength={200}
          value={reason}
          onInput={(input) => setReason(input.currentTarget.value)}
        />
      </label>
    </Confirm>
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

/** Asks before it acts; stays open with the answer when the server refuses. */
const Confirm = ({ event, onClose, title, action, step, body, children }: ConfirmProps) => {
  const { http, store, format, nowMs } = useDashboard()
  const dialog = useRef<HTMLDialogElement>(null)
  const [fault, setFault] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const { authority, eventId } = event

  useEffect(() => dialog.current?.showModal(), [])

  const act = async (): Promise<void> => {
    setBusy(true)
    try {
      const path = `v1/events/${encodeURIComponent(authority)}/${encodeURIComponent(eventId)}`
      const next = await http.post<GridEvent>(`${path}/${step}`, body())
      store.events.set(next.id, next)
      dialog.current?.close()
    } catch (error) {
      setFault(error instanceof Failure ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-title" onClose={onClose}>
      <form
        onSubmit={(submit) => {
          submit.preventDefault()
          void act()
        }}
      >
        <h2 id="confirm-title">{title}</h2>
        <p class="what">{titleOf(event, nowMs.peek(), format.value)}</p>
        {children}
        <p class="fault" role="alert">
          {fault}
        </p>
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button type="submit" class="danger" disabled={isBusy}>
            {isBusy ? 'One moment…' : action}
          </button>
        </div>
      </form>
    </dialog>
  )
}
