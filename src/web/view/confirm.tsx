import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Failure } from '../data/failure.ts'

interface Props {
  readonly title: string
  /** What it is about. */
  readonly what: string
  /** Words of the button that does it. */
  readonly action: string
  /** Words of the button that does not. */
  readonly keep: string
  /** What is done is not undone here: the button says so. */
  readonly isDanger: boolean
  /** May throw a Failure, whose words are shown. */
  readonly act: () => Promise<void>
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** Asks before it acts; stays open with the answer when the server refuses. */
export const Confirm = (props: Props) => {
  const { title, what, action, keep, isDanger, act, onClose, children } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const [fault, setFault] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)

  useEffect(() => dialog.current?.showModal(), [])

  const submit = async (): Promise<void> => {
    setBusy(true)
    try {
      await act()
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
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <h2 id="confirm-title">{title}</h2>
        <p class="what">{what}</p>
        {children}
        <p class="fault" role="alert">
          {fault}
        </p>
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            {keep}
          </button>
          <button type="submit" class={isDanger ? 'danger' : 'primary'} disabled={isBusy}>
            {isBusy ? 'One moment…' : action}
          </button>
        </div>
      </form>
    </dialog>
  )
}
