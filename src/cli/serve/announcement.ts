import type { Broker, DemoCommands, SignalSetting } from './demo.ts'

/** What a person must know of a program that has just started. */
export interface Announcement {
  readonly version: string
  readonly siteName: string
  readonly evses: number
  readonly configFile: string
  /** Page and API; `null` = none. */
  readonly apiUrl: string | null
  /** Where stations connect, without their identity. */
  readonly ocppUrls: readonly string[]
  readonly signals: readonly { readonly setting: SignalSetting; readonly broker: Broker }[]
  /** In full. */
  readonly storagePath: string
  /** It was made by this start. */
  readonly isStorageNew: boolean
  /** What the simulated surroundings are; `null` = the real ones. */
  readonly world: string | null
  /** What must come from elsewhere before anything happens. */
  readonly awaits: readonly string[]
  /** `null` where no token was made. */
  readonly token: string | null
  /** Nobody can use the API yet. */
  readonly needsToken: boolean
  /** Commands to paste; `null` = not for a real site. */
  readonly demo: DemoCommands | null
}

/** The lines of the start. */
export const announce = (
  given: Announcement,
  paint: (style: 'bold' | 'green' | 'dim', text: string) => string,
): string => {
  const { apiUrl, token, demo } = given
  const page = apiUrl && token ? `${apiUrl}/#token=${token}` : apiUrl
  const pairs: (readonly [string, string | null])[] = [
    ['Page', page],
    ['API', apiUrl && `${apiUrl}/v1/site (described by ${apiUrl}/openapi.json)`],
    ['Token', token && `${token} (until Busbar stops; commands in this folder find it)`],
    ...given.ocppUrls.map((url) => ['Stations', `${url.replace(/\/$/, '')}/STATION`] as const),
    ...given.signals.map(
      ({ setting, broker }) =>
        [
          'Utility',
          `${setting.operator} for ${setting.party} at ${broker.url}, topics ${setting.prefix}/...`,
        ] as const,
    ),
    ['Data', given.isStorageNew ? `${given.storagePath} (NEW and empty)` : given.storagePath],
    ['Simulation', given.world],
  ]
  const held = pairs.filter((pair): pair is [string, string] => pair[1] !== null)
  const width = Math.max(...held.map(([name]) => name.length))
  const lines = [
    '',
    paint(
      'bold',
      `Busbar ${given.version} runs ${given.siteName}: ${given.evses} EVSEs, ${given.configFile}`,
    ),
    '',
    ...held.map(([name, value]) => `  ${paint('dim', name.padEnd(width))}  ${value}`),
  ]
  if (given.awaits.length > 0) {
    const head = given.world === null ? 'Nothing is simulated. ' : ''
    lines.push('', `${head}Busbar waits for`, ...given.awaits.map((what) => `  ${what}`))
  }
  if (given.needsToken) lines.push('', ...firstToken(given.configFile))
  if (demo) lines.push('', ...tryIt(demo, paint))
  return [...lines, ''].join('\n')
}

const firstToken = (configFile: string): string[] => [
  'Nobody has a token for the API yet. Stop Busbar, make one, start again:',
  `  npx busbar token create --config ${configFile} --label me --scope read,operate,admin`,
]

const tryIt = (
  { limitKw, send, cancel, why }: DemoCommands,
  paint: (style: 'green', text: string) => string,
): string[] => [
  `Try it in another terminal: the utility holds charging to ${limitKw} kW for five minutes,`,
  `  ${paint('green', send)}`,
  'and takes that back:',
  `  ${paint('green', cancel)}`,
  `Look around: npx busbar stations, nodes, sessions, plan, ${why}. Ctrl+C stops Busbar.`,
]
