import { useState } from 'preact/hooks'
import { useDashboard } from '../dashboard.ts'
import type { Station } from '../wire.ts'
import { isStranger, makeOf } from '../words/station.ts'
import { Confirm } from './confirm.tsx'

interface Props {
  readonly station: Station
  readonly onClose: () => void
}

const pathOf = ({ stationId }: Station): string => `v1/stations/${encodeURIComponent(stationId)}`

const whatOf = (station: Station): string => `${station.stationId}: ${makeOf(station)}`

/** Takes over what the server says that the station is now. */
const useTake = (): ((station: Station) => void) => {
  const { store } = useDashboard()
  return (station) => store.strangers.set(station.stationId, isStranger(station) ? station : null)
}

export const AdoptDialog = ({ station, onClose }: Props) => {
  const { http } = useDashboard()
  const take = useTake()
  const [password, setPassword] = useState('')
  return (
    <Confirm
      title="Adopt this station?"
      what={whatOf(station)}
      action="Adopt it"
      keep="Cancel"
      isDanger={false}
      act={async () => {
        const body = { password: password === '' ? null : password }
        take(await http.post<Station>(`${pathOf(station)}/adopt`, body))
      }}
      onClose={onClose}
    >
      <p>It can connect, but cannot charge until its EVSEs are added to the configuration.</p>
      <label>
        Password it must use from now on
        <input
          type="text"
          autocomplete="off"
          spellcheck={false}
          minLength={8}
          maxLength={128}
          aria-describedby="password-help"
          value={password}
          onInput={(input) => setPassword(input.currentTarget.value)}
        />
      </label>
      <p id="password-help" class="help">
        8 to 128 characters, the same as in the station. If empty, any charger using this name can
        connect.
      </p>
    </Confirm>
  )
}

export const RemoveDialog = ({ station, onClose }: Props) => {
  const { http } = useDashboard()
  const take = useTake()
  return (
    <Confirm
      title="Remove this station?"
      what={whatOf(station)}
      action="Remove it"
      keep="Cancel"
      isDanger
      act={async () => take(await http.remove<Station>(pathOf(station)))}
      onClose={onClose}
    >
      <p>
        It is refused from now on, also after a restart; its history stays. It can return when it is
        added to the configuration or adopted through the API.
      </p>
    </Confirm>
  )
}
