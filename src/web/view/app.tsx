import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { createDashboard, DashboardContext, type Dashboard } from '../dashboard.ts'
import { takeToken } from '../data/address.ts'
import type { Failure } from '../data/failure.ts'
import { createShelf } from '../data/shelf.ts'
import { createThemeChoice } from '../data/theme.ts'
import { Page } from './page.tsx'
import { SignIn } from './sign-in.tsx'

const theme = createThemeChoice()
/** For as long as this tab lives: a token is a key, and is not left lying about. */
const shelf = createShelf(() => sessionStorage, 'busbar.token')
const token = signal<string | null>(takeToken() ?? shelf.read())
const refusal = signal<string | null>(null)

const signIn = (next: string): void => {
  shelf.write(next)
  refusal.value = null
  token.value = next
}

const signOut = (because: Failure | null): void => {
  shelf.write(null)
  refusal.value = because?.message ?? null
  token.value = null
}

if (token.value !== null) shelf.write(token.value)

// A link with a token may be opened where the page is open already.
addEventListener('hashchange', () => {
  const next = takeToken()
  if (next !== null) signIn(next)
})

export const App = () => {
  const present = token.value
  if (present === null) return <SignIn refusal={refusal.value} onToken={signIn} theme={theme} />
  return <SignedIn key={present} token={present} />
}

const SignedIn = (props: { token: string }) => {
  const [dashboard, setDashboard] = useState<Dashboard | null>(null)
  useEffect(() => {
    const made = createDashboard(props.token, signOut)
    made.start()
    setDashboard(made)
    return () => made.stop()
  }, [props.token])
  return (
    dashboard && (
      <DashboardContext value={dashboard}>
        <Page theme={theme} />
      </DashboardContext>
    )
  )
}
