import { IANAZone } from 'luxon'
import { lineCount } from '../domain/wiring.ts'
import { suggest } from './explain.ts'
import type { Config } from './schema.ts'

type Found = { path: (string | number)[]; message: string }

/** Names that point nowhere, names used twice, and trees that are none. */
export const checkReferences = (config: Config): Found[] => {
  const found: Found[] = []
  const nodes = config.nodes.map((node) => node.id)
  const meters = (config.meters ?? []).map((meter) => meter.id)
  const brokers = (config.brokers ?? []).map((broker) => broker.id)
  const servers = (config.opcua ?? []).map((server) => server.id)

  const refer = (
    path: (string | number)[],
    name: string | undefined,
    known: readonly string[],
    what: string,
  ): void => {
    if (name === undefined || known.includes(name)) return
    const meant = suggest(name, known)
    const list = known.length === 0 ? `there are no ${what}s` : `known are ${known.join(', ')}`
    found.push({
      path,
      message: `names ${what} "${name}", which is not there; ${meant ? `did you mean "${meant}"?` : list}`,
    })
  }
  const unique = (section: string, ids: readonly (string | number)[]): void => {
    ids.forEach((id, k) => {
      const first = ids.indexOf(id)
      if (first === k) return
      found.push({
        path: [section, k, 'id'],
        message: `"${id}" is already the id of ${section}/${first}; choose another`,
      })
    })
  }

  unique('nodes', nodes)
  unique('meters', meters)
  unique('brokers', brokers)
  unique('opcua', servers)
  unique('loads', (config.loads ?? []).map((load) => load.id)) // prettier-ignore
  unique('stations', config.stations.map((station) => station.id)) // prettier-ignore
  unique('signals', (config.signals ?? []).map((signal) => signal.id)) // prettier-ignore
  unique('prices', (config.prices ?? []).map((price) => price.id)) // prettier-ignore

  const evseKeys = config.stations.flatMap((station) =>
    (station.evses ?? [{ id: 1 }]).map((evse) => `${station.id}/${evse.id}`),
  )
  const targets = [...nodes, ...config.stations.map((station) => station.id), ...evseKeys]

  config.nodes.forEach((node, k) => {
    refer(['nodes', k, 'parent'], node.parent, nodes, 'node')
    refer(['nodes', k, 'meter'], node.meter, meters, 'meter')
  })
  found.push(...checkTree(config))
  ;(config.loads ?? []).forEach((load, k) => {
    refer(['loads', k, 'node'], load.node, nodes, 'node')
    refer(['loads', k, 'meter'], load.meter, meters, 'meter')
  })
  config.stations.forEach((station, k) => {
    refer(['stations', k, 'node'], station.node, nodes, 'node')
    ;(station.evses ?? []).forEach((evse, j) => {
      refer(['stations', k, 'evses', j, 'node'], evse.node, nodes, 'node')
      if ((station.evses ?? []).findIndex((other) => other.id === evse.id) !== j) {
        found.push({
          path: ['stations', k, 'evses', j, 'id'],
          message: `${evse.id} is used twice in station ${station.id}; number the EVSEs 1, 2, ...`,
        })
      }
    })
  })
  ;(config.meters ?? []).forEach((meter, k) => {
    if (meter.kind === 'mqtt') refer(['meters', k, 'broker'], meter.broker, brokers, 'broker')
    if (meter.kind === 'opcua') refer(['meters', k, 'server'], meter.server, servers, 'server')
    if (meter.kind === 'station') refer(['meters', k, 'evse'], meter.evse, evseKeys, 'EVSE')
  })
  ;(config.signals ?? []).forEach((signal, k) => {
    refer(['signals', k, 'broker'], signal.broker, brokers, 'broker')
    for (const [name, meant] of Object.entries(signal.aliases ?? {})) {
      meant.forEach((target, j) =>
        refer(['signals', k, 'aliases', name, j], target, targets, 'target'),
      )
    }
    signal.readings?.forEach((meterId, j) =>
      refer(['signals', k, 'readings', j], meterId, meters, 'meter'),
    )
    if (signal.id === 'api') {
      const message = '"api" is the authority of the events that are made here; choose another'
      found.push({ path: ['signals', k, 'id'], message })
    }
  })
  ;(config.prices ?? []).forEach((price, k) => {
    if (price.kind === 'mqtt') refer(['prices', k, 'broker'], price.broker, brokers, 'broker')
  })
  found.push(
    ...checkZone(config),
    ...checkImbalance(config),
    ...checkWirings(config),
    ...checkCredentials(config),
  )
  return found
}

const checkTree = (config: Config): Found[] => {
  const roots = config.nodes.filter((node) => node.parent === undefined)
  if (roots.length === 0) {
    return [
      {
        path: ['nodes'],
        message: 'has no grid connection; exactly one node must have no parent',
      },
    ]
  }
  if (roots.length > 1) {
    return [
      {
        path: ['nodes', config.nodes.indexOf(roots[1])],
        message: `has no parent, but ${roots[0].id} already is the grid connection; name its parent`,
      },
    ]
  }
  const parentOf = new Map(config.nodes.map((node) => [node.id, node.parent]))
  return config.nodes.flatMap((node, k) => {
    const seen = new Set<string>()
    let at: string | undefined = node.id
    while (at !== undefined && parentOf.has(at)) {
      if (seen.has(at)) {
        return [
          {
            path: ['nodes', k, 'parent'],
            message: `makes a circle through ${[...seen].join(', ')}; the nodes must form a tree`,
          },
        ]
      }
      seen.add(at)
      at = parentOf.get(at)
    }
    return []
  })
}

const checkZone = (config: Config): Found[] =>
  IANAZone.isValidZone(config.site.timeZone)
    ? []
    : [
        {
          path: ['site', 'timeZone'],
          message: `"${config.site.timeZone}" is not a time zone; use an IANA name like Europe/Paris`,
        },
      ]

const checkImbalance = ({ site }: Config): Found[] =>
  site.imbalanceLimitA === undefined || site.supply.kind === 'three-phase'
    ? []
    : [
        {
          path: ['site', 'imbalanceLimitA'],
          message: `is about three lines, but the supply is ${site.supply.kind}; remove it`,
        },
      ]

/** What the supply cannot feed. */
const checkWirings = (config: Config): Found[] => {
  const { kind } = config.site.supply
  const fits = (wiring: string): boolean => {
    if (kind === 'three-phase') return true
    if (kind === 'split-phase') return !wiring.includes('L3')
    return wiring === 'L1'
  }
  const wrong = (wiring: string | undefined, path: (string | number)[]): Found[] =>
    wiring === undefined || fits(wiring)
      ? []
      : [
          {
            path,
            message: `${wiring} needs ${lineCount(wiring as 'L1')} phases that a ${kind} supply does not have`,
          },
        ]
  return [
    ...wrong(config.stationDefaults?.wiring ?? (kind === 'three-phase' ? undefined : 'L1L2L3'), [
      'stationDefaults',
      'wiring',
    ]).filter(() => config.stations.some((station) => station.wiring === undefined)),
    ...config.stations.flatMap((station, k) => [
      ...wrong(station.wiring, ['stations', k, 'wiring']),
      ...(station.evses ?? []).flatMap((evse, j) =>
        wrong(evse.wiring, ['stations', k, 'evses', j, 'wiring']),
      ),
    ]),
    ...(config.loads ?? []).flatMap((load, k) => wrong(load.wiring, ['loads', k, 'wiring'])),
  ]
}

/**
 * A station that needs no password must be said to need none, and one that needs TLS must find a
 * listener that has it.
 */
const checkCredentials = (config: Config): Found[] => {
  const { stationDefaults, ocpp } = config
  return config.stations.flatMap((station, k) => {
    const profile = station.securityProfile ?? stationDefaults?.securityProfile ?? 1
    const wrong = (message: string): Found[] => [
      { path: ['stations', k], message: `(${station.id}) has ${message}` },
    ]
    if (profile >= 2 && !ocpp?.tls) {
      return wrong(
        `securityProfile ${profile}, which needs TLS; set ocpp.tls, or securityProfile 1`,
      )
    }
    if (profile === 3 && ocpp?.tls?.clientCaFile === undefined) {
      return wrong(
        'securityProfile 3, which needs client certificates; set ocpp.tls.clientCaFile, or securityProfile 2',
      )
    }
    const has = station.password ?? station.passwordHash ?? stationDefaults?.password
    if (profile === 0 || profile === 3 || has !== undefined) return []
    return wrong(
      'no password; set password or passwordHash, or securityProfile 0 to let anybody be this station',
    )
  })
}
