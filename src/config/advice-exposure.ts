import type { Found } from './advice.ts'
import type { Config } from './schema.ts'

const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '[::1]']
/** Of the shipped examples. */
const SHIPPED_PASSWORD = /^change-me/

const isOpen = (host: string | undefined): boolean => host !== undefined && !LOOPBACK.includes(host)

/** What others on the network could read, guess or forge. */
export const exposureAdvice = (config: Config): Found[] => [
  ...listeners(config),
  ...passwords(config),
  ...brokers(config),
  ...servers(config),
]

const listeners = ({ api, ocpp }: Config): Found[] => {
  const found: Found[] = []
  const say = (path: Found['path'], message: string) => void found.push({ path, message })
  const ports = [ocpp?.port ?? 9000, ...(ocpp?.tls ? [ocpp.tls.port] : [])]
  const apiPort = api?.port ?? 8080
  if (apiPort !== 0 && ports.includes(apiPort)) {
    say(['api', 'port'], `is ${apiPort}, which ocpp uses too; choose another port`)
  }
  if (isOpen(api?.host) && !api?.tls) {
    say(
      ['api', 'host'],
      'opens the API to the network without TLS: tokens can be read; set api.tls',
    )
  }
  if (isOpen(api?.host) && api?.openMetrics) {
    say(['api', 'openMetrics'], 'shows the metrics to the whole network; leave it out there')
  }
  const hasPlain = ocpp?.port !== undefined || !ocpp?.tls
  if (isOpen(ocpp?.host) && hasPlain) {
    say(
      ['ocpp', 'host'],
      'opens OCPP to the network without TLS: passwords can be read; set ocpp.tls',
    )
  }
  return found
}

const passwords = ({ ocpp, stations, stationDefaults }: Config): Found[] => {
  if (!isOpen(ocpp?.host) && !ocpp?.tls) return []
  const common = stationDefaults?.password
  const shared = stations.filter(({ password, passwordHash }) => !password && !passwordHash).length
  return [
    ...(common !== undefined && shared > 1
      ? [
          {
            path: ['stationDefaults', 'password'],
            message: `is shared by ${shared} stations: who knows one can pose as any; set one for each`,
          },
        ]
      : []),
    ...stations.flatMap(({ id, password, securityProfile }, index): Found[] => {
      const path = ['stations', index]
      if (SHIPPED_PASSWORD.test(password ?? common ?? '')) {
        return [{ path, message: `(${id}) has the password of the examples; set one of its own` }]
      }
      return (securityProfile ?? stationDefaults?.securityProfile) === 0
        ? [
            {
              path,
              message: `(${id}) needs no password (securityProfile 0): anyone can pose as it`,
            },
          ]
        : []
    }),
  ]
}

const hostOf = (url: string): string => URL.parse(url)?.hostname ?? ''

const brokers = ({ brokers: all = [], signals = [] }: Config): Found[] =>
  all.flatMap(({ id, url, password }, index) => {
    const isPlain = /^(mqtt|ws):/.test(url) && isOpen(hostOf(url))
    if (!isPlain) return []
    const forges = signals.some(({ broker }) => broker === id)
    const what = forges ? 'grid events can be forged' : 'readings can be forged'
    if (!forges && password === undefined) return []
    return [{ path: ['brokers', index, 'url'], message: `is without TLS: ${what}; use mqtts` }]
  })

const servers = ({ opcua = [] }: Config): Found[] =>
  opcua.flatMap(({ url, securityMode, identity }, index) =>
    securityMode === 'None' && identity && 'password' in identity && isOpen(hostOf(url))
      ? [
          {
            path: ['opcua', index, 'securityMode'],
            message: 'is None, so the password can be read on the network; use SignAndEncrypt',
          },
        ]
      : [],
  )
