import { useEffect, useRef, useState } from 'preact/hooks'
import { useDashboard } from '../dashboard.ts'
import { pointAtCharger } from '../data/address.ts'
import { Failure } from '../data/failure.ts'
import type { Why } from '../wire.ts'
import { ChargerDetail } from './charger-detail.tsx'

/** A reader cannot follow faster changes; the server need not answer them. */
const REFRESH_MS = 2_000

/** Slides over the page with everything about one charger. */
export const ChargerDrawer = () => {
  const { openCharger } = useDashboard()
  const key = openCharger.value
  const dialog = useRef<HTMLDialogElement>(null)

  useEffect(() => {
    const element = dialog.current
    if (key !== null && !element?.open) element?.showModal()
    if (key === null) element?.close()
  }, [key])

  return (
    <dialog
      ref={dialog}
      class="drawer"
      aria-labelledby="drawer-title"
      onClose={() => pointAtCharger(null)}
      onClick={(event) => {
        // Outside of the content: on the backdrop.
        if (event.target === event.currentTarget) event.currentTarget.close()
      }}
    >
      {key !== null && (
        <div class="content">
          <header>
            <h2 id="drawer-title">{key}</h2>
            <button
              type="button"
              class="icon"
              aria-label="Close"
              onClick={() => dialog.current?.close()}
            >
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M6 4.6 12 10.6l6-6L19.4 6l-6 6 6 6-1.4 1.4-6-6-6 6L4.6 18l6-6-6-6z" />
              </svg>
            </button>
          </header>
          <Explanation key={key} id={key} />
        </div>
      )}
    </dialog>
  )
}

const Explanation = ({ id }: { id: string }) => {
  const { http, store } = useDashboard()
  const [why, setWhy] = useState<Why | null>(null)
  const [fault, setFault] = useState<string | null>(null)

  useEffect(() => {
    const abort = new AbortController()
    const [stationId, evseId] = splitKey(id)
    const path = `v1/evses/${encodeURIComponent(stationId)}/${evseId}/why`
    const load = async (): Promise<void> => {
      try {
        setWhy(await http.get<Why>(path, abort.signal))
        setFault(null)
      } catch (error) {
        if (!abort.signal.aborted)
          setFault(error instanceof Failure ? error.message : String(error))
      }
    }
    // Whatever is new about the charger: read its explanation again, in peace.
    let timer: ReturnType<typeof setTimeout> | null = null
    const later = (): void => {
      timer ??= setTimeout(() => {
        timer = null
        void load()
      }, REFRESH_MS)
    }
    void load()
    const { evses, grants, sessions } = store
    const stops = [evses, grants, sessions].map((kept) => kept.at(id).subscribe(later))
    return () => {
      abort.abort()
      if (timer !== null) clearTimeout(timer)
      for (const stop of stops) stop()
    }
  }, [id, http, store])

  return (
    <>
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {why ? <ChargerDetail why={why} /> : fault === null && <p role="status">Loading…</p>}
    </>
  )
}

const splitKey = (key: string): [stationId: string, evseId: string] => {
  const cut = key.lastIndexOf('/')
  return [key.slice(0, cut), key.slice(cut + 1)]
}
