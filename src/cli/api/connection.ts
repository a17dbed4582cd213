import type { Environment } from '../../config/secrets.ts'
import { UsageError } from '../failure.ts'

/** Where Busbar answers, and who asks. */
export interface Connection {
  /** Without a slash at its end. */
  readonly url: string
  readonly token: string | null
}

export const DEFAULT_URL = 'http://127.0.0.1:8080'

export interface GivenConnection {
  readonly url?: string
  readonly token?: string
}

/**
 * The options of the command, else the environment, else what a demo on this machine has saved. A
 * saved token is shown to no other address than the one that it was saved with.
 *
 * @throws UsageError for an address that is none
 */
export const connectionOf = (
  given: GivenConnection,
  env: Environment,
  saved: Connection | null,
): Connection => {
  const url = addressOf(given.url ?? held(env['BUSBAR_URL']) ?? saved?.url ?? DEFAULT_URL)
  const own = saved?.url === url ? saved.token : null
  return { url, token: given.token ?? held(env['BUSBAR_TOKEN']) ?? own }
}

/** A variable that is set to nothing is not set. */
const held = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

const addressOf = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('the address must be like http://127.0.0.1:8080 or https://busbar.example')
  }
  // It would stand in logs on the way.
  if (url.username || url.password) {
    throw new UsageError('the address must not hold a password; give --token or set BUSBAR_TOKEN')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a token sent there could be read on the way. */
export const isExposed = ({ url, token }: Connection): boolean => {
  const { protocol, hostname } = new URL(url)
  return token !== null && protocol === 'http:' && !LOOPBACK.test(hostname)
}
