import { Command, Option } from 'commander'
import type { Static } from 'typebox'
import type { API_TOKEN, NEW_API_TOKEN } from '../api/resources/token.ts'
import { apiCommand, type ApiOptions } from './options.ts'
import { namesOf, spanMs } from './parse.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { createTimes, orDash, type Times } from './text.ts'

/** As the API names them; a copy, for its module costs more to load than all commands. */
export const TOKEN_SCOPES = ['read', 'operate', 'admin'] as const

export type TokenEntry = Static<typeof API_TOKEN>
export type NewToken = Static<typeof NEW_API_TOKEN>

interface CreateOptions extends ApiOptions {
  readonly label: string
  readonly scope: (typeof TOKEN_SCOPES)[number][]
  readonly expires?: number
  readonly config?: string
}

export const tokenCommand = (terminal: Terminal): Command =>
  new Command('token')
    .description('keys to the API, and hashes of station passwords')
    .addCommand(createCommand(terminal))
    .addCommand(listCommand(terminal))
    .addCommand(revokeCommand(terminal))
    .addCommand(hashCommand(terminal))

const createCommand = (terminal: Terminal): Command =>
  apiCommand('create', 'make a token and print it, this once')
    .requiredOption('--label <name>', 'who or what it is for; stands in the audit trail')
    .requiredOption(
      '--scope <names>',
      'read (look), operate (commands, events, sessions), admin (stations, tokens; with operate also firmware, credentials, profiles); none holds another',
      namesOf(TOKEN_SCOPES),
    )
    .option('--expires <time>', 'when it ends: 12h, 30d, 8w (default: never)', spanMs)
    .addOption(
      new Option(
        '--config <file>',
        'for the first token: write to the database of a stopped Busbar',
      ).conflicts(['url', 'token']),
    )
    .action(async ({ label, scope, expires, config, ...options }: CreateOptions) => {
      const expiresAtMs = expires === undefined ? null : terminal.now() + expires
      const wanted = { label, scopes: scope, expiresAtMs }
      const { made, until } =
        config === undefined
          ? await createByApi(wanted, options, terminal)
          : await createInFile(wanted, config, terminal)
      if (options.json) terminal.json(made)
      else {
        terminal.err(madeText(made, until))
        terminal.out(made.secret)
      }
    })

interface Made {
  readonly made: NewToken
  /** When it ends, as it is told. */
  readonly until: string | null
}

interface Wanted {
  readonly label: string
  readonly scopes: readonly (typeof TOKEN_SCOPES)[number][]
  readonly expiresAtMs: number | null
}

const createInFile = async (wanted: Wanted, config: string, terminal: Terminal): Promise<Made> => {
  const { createLocally } = await import('./token/local.ts')
  const { made, timeZone } = await createLocally(config, wanted, terminal.env)
  return {
    made,
    until: made.expiresAt && createTimes(terminal.now(), timeZone).full(made.expiresAt),
  }
}

const createByApi = async (
  { label, scopes, expiresAtMs }: Wanted,
  options: ApiOptions,
  terminal: Terminal,
): Promise<Made> => {
  const { connectApi } = await import('./api/client.ts')
  const { siteTimesIfAllowed } = await import('./api/site-times.ts')
  const { NEW_API_TOKEN } = await import('../api/resources/token.ts')
  const body = {
    label,
    scopes,
    ...(expiresAtMs === null ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }),
  }
  const api = connectApi(options, terminal)
  // Before there is a secret that a failure could lose.
  const { times, note } = await siteTimesIfAllowed(api, terminal.now())
  const made = await api.send('POST', '/v1/tokens', body, NEW_API_TOKEN)
  const beside = note === null ? '' : ` (${note})`
  return { made, until: made.expiresAt && `${times.full(made.expiresAt)}${beside}` }
}

/** Goes to standard error, so that `TOKEN=$(busbar token create ...)` gets the token alone. */
const madeText = ({ id, label, scopes }: NewToken, until: string | null): string => {
  const end = until === null ? 'does not expire' : `expires ${until}`
  return `Token ${id} (${label}: ${scopes.join(', ')}; ${end}). It is shown this once:`
}

const listCommand = (terminal: Terminal): Command =>
  apiCommand('list', 'tokens that were not revoked, without their secrets').action(
    async (options: ApiOptions) => {
      const { connectApi } = await import('./api/client.ts')
      const { API_TOKEN } = await import('../api/resources/token.ts')
      const { siteTimesIfAllowed } = await import('./api/site-times.ts')
      const api = connectApi(options, terminal)
      const tokens = await api.list('/v1/tokens', API_TOKEN)
      if (options.json) {
        terminal.json(tokens)
        return
      }
      const { times, note } = await siteTimesIfAllowed(api, terminal.now())
      terminal.out(tokenTable(tokens, times))
      if (note !== null) terminal.err(note)
    },
  )

export const tokenTable = (tokens: readonly TokenEntry[], times: Times): string =>
  table(
    [
      { title: 'ID' },
      { title: 'LABEL' },
      { title: 'SCOPES' },
      { title: 'CREATED' },
      { title: 'EXPIRES' },
    ],
    tokens.map(({ id, label, scopes, createdAt, expiresAt }) => [
      id,
      label,
      scopes.join(','),
      times.full(createdAt),
      orDash(expiresAt, times.full),
    ]),
  )

const revokeCommand = (terminal: Terminal): Command =>
  apiCommand('revoke', 'revoke a token; it ends at once')
    .argument('<id>', 'id of the token, from `busbar token list`')
    .action(async (id: string, options: ApiOptions) => {
      const { connectApi, path } = await import('./api/client.ts')
      await connectApi(options, terminal).remove(path`/v1/tokens/${id}`)
      if (options.json) terminal.json({ id, revoked: true })
      else terminal.out(`token ${id} is revoked`)
    })

const hashCommand = (terminal: Terminal): Command =>
  new Command('hash')
    .description(
      'hash a station password from standard input, for passwordHash in the configuration',
    )
    .action(async () => {
      const { readSecret } = await import('./token/read-secret.ts')
      const { hashPassword } = await import('../ocpp/password.ts')
      terminal.out(await hashPassword(await readSecret('Password of the station: ')))
    })
