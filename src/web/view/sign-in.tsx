import { useState } from 'preact/hooks'
import { Failure } from '../data/failure.ts'
import { createHttp } from '../data/http.ts'
import type { ThemeChoice } from '../data/theme.ts'
import type { ApiToken } from '../wire.ts'
import { Logo, ThemeButton } from './parts.tsx'

interface Props {
  /** Why the last token was refused. */
  readonly refusal: string | null
  readonly onToken: (token: string) => void
  readonly theme: ThemeChoice
}

/** What is wrong with a token; `null` = nothing. */
const faultOf = async (token: string): Promise<string | null> => {
  if (/[^\x21-\x7e]/.test(token)) return 'A token has no spaces or special characters in it.'
  try {
    const { scopes } = await createHttp(token).get<ApiToken>('v1/tokens/current')
    return scopes.includes('read') ? null : 'This token may not read: it needs the scope “read”.'
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    switch (error.kind) {
      case 'token':
        return 'This token is not known here, or it was revoked or has expired.'
      case 'scope':
        return 'This token may not read.'
      case 'offline':
        return `${error.message}. Check the network, then try again.`
      case 'absent':
      case 'busy':
      case 'other':
        return error.message
    }
  }
}

export const SignIn = ({ refusal, onToken, theme }: Props) => {
  const [token, setToken] = useState('')
  const [fault, setFault] = useState(refusal)
  const [isBusy, setBusy] = useState(false)

  const submit = async (): Promise<void> => {
    const given = token.trim()
    if (given === '') return setFault('Paste a token first.')
    setBusy(true)
    try {
      const found = await faultOf(given)
      setFault(found)
      if (found === null) onToken(given)
    } finally {
      setBusy(false)
    }
  }

  return (
    <main class="sign-in">
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <h1>
          <Logo /> Busbar
        </h1>
        <label for="token">API token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          placeholder="bsb_…"
          value={token}
          aria-invalid={fault !== null}
          aria-describedby="token-help token-fault"
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <p id="token-fault" class="fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="primary" disabled={isBusy}>
          {isBusy ? 'Checking…' : 'Sign in'}
        </button>
        <p id="token-help" class="help">
          The token stays in this tab until you close it. <code>busbar token create</code> makes
          one; the demo prints one when it starts.
        </p>
      </form>
      <ThemeButton theme={theme} />
    </main>
  )
}
