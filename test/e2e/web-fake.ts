import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Scope } from '../../src/api/tokens.ts'
import type {
  Condition,
  Evse,
  EvseState,
  GridEvent,
  LiveGrant,
  Node,
  Plan,
  Prices,
  Session,
  Site,
  Snapshot,
  Station,
} from '../../src/web/wire.ts'

/** What an API would answer, for states that a running site does not get into on demand. */
export interface FakeSite {
  readonly site: Site
  readonly nodes: readonly Node[]
  readonly evses: readonly Evse[]
  readonly sessions: readonly Session[]
  readonly events: readonly GridEvent[]
  readonly plan: Plan | null
  readonly prices: Prices
  readonly stations: readonly Station[]
  readonly conditions?: readonly Condition[]
  /** Of every token. */
  readonly scopes: readonly Scope[]
}

export interface FakeApi {
  readonly url: string
  /** What is answered from now on. */
  show(site: FakeSite): void
  /** To every open stream. */
  send(event: string, data: unknown): void
  /** Streams that have been opened so far. */
  streams(): number
  close(): Promise<void>
}

const page = <T>(items: readonly T[]) => ({ items, nextOffset: null })

const snapshotOf = ({ site, nodes, evses }: FakeSite): Snapshot => ({
  site,
  nodes: [...nodes],
  grants: evses.flatMap(({ grant, measured, online }): LiveGrant[] =>
    grant
      ? [
          {
            ...grant,
            drawA: measured?.currentA ?? null,
            powerW: measured?.powerW ?? null,
            online,
          },
        ]
      : [],
  ),
})

/** Any token counts. A snapshot is sent when a stream opens, and whenever the test sends one. */
export const startFakeApi = async (): Promise<FakeApi> => {
  const open = new Set<ServerResponse>()
  let shown: FakeSite | null = null
  let opened = 0

  const answers = ({ pathname, searchParams }: URL, fake: FakeSite): unknown => {
    switch (pathname) {
      case '/v1/tokens/current':
        return {
          id: '1',
          label: 'test',
          scopes: fake.scopes,
          createdAt: '',
          expiresAt: null,
        }
      case '/v1/site':
        return fake.site
      case '/v1/nodes':
        return page(fake.nodes)
      case '/v1/evses':
        return page(fake.evses)
      case '/v1/sessions':
        return page(fake.sessions)
      case '/v1/events':
        return page(fake.events)
      case '/v1/stations':
        return page(fake.stations.filter(({ state }) => state === searchParams.get('state')))
      case '/v1/conditions':
        return page(fake.conditions ?? [])
      case '/v1/plan':
        return fake.plan
      case '/v1/prices':
        return fake.prices
      default:
        return null
    }
  }

  const stream = (response: ServerResponse, fake: FakeSite): void => {
    opened++
    open.add(response)
    response.on('close', () => open.delete(response))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': alive\nid: run-1\n\n')
    response.write(`event: snapshot\ndata: ${JSON.stringify(snapshotOf(fake))}\n\n`)
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost')
    const { pathname } = url
    if (!shown) return void response.writeHead(503).end()
    if (pathname === '/v1/stream') return stream(response, shown)
    const answer = answers(url, shown)
    response.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? { detail: `nothing at ${pathname}` }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    show: (site) => {
      shown = site
    },
    send: (event, data) => {
      const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
      for (const response of open) response.write(text)
    },
    streams: () => opened,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const NOTHING = [0, 0, 0] as const

export const fakeNode = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  name: `Node ${id}`,
  parentId: null,
  limitA: [100, 100, 100],
  limitW: null,
  margin: 0.05,
  meterId: null,
  now: {
    loadA: [40, 40, 40],
    loadW: 27_600,
    uncontrolledA: [20, 20, 20],
    uncontrolledW: 13_800,
    evA: [20, 20, 20],
    evW: 13_800,
    mayDrawA: [30, 30, 30],
    headroomA: [50, 50, 50],
    eventLimitW: null,
    eventIds: [],
    problems: [],
  },
  ...more,
})

export const fakeState = (key: string, more: Partial<EvseState> = {}): EvseState => {
  const [stationId, evseId] = key.split('/')
  return {
    key,
    stationId,
    evseId: Number(evseId),
    nodeId: 'main',
    wiring: 'L1L2L3',
    current: 'AC',
    maxA: 32,
    minA: 6,
    failsafeA: 6,
    priority: 0,
    online: true,
    status: 'available',
    sessionId: null,
    transactionId: null,
    measured: null,
    ...more,
  }
}

export const fakeEvse = (key: string, more: Partial<Evse> = {}): Evse => ({
  ...fakeState(key, more),
  grant: {
    key,
    limitA: 6,
    reasons: [{ code: 'no-session', text: 'Nothing is being charged here' }],
    mayDrawA: 6,
    inForceA: 6,
    validTo: null,
  },
  ...more,
})

/** A site on which everything is in order, as of now. */
export const fakeSite = (more: Partial<FakeSite> = {}): FakeSite => {
  const node = fakeNode('main')
  return {
    site: {
      id: 'fake',
      name: 'Fake yard',
      timeZone: 'Asia/Kathmandu',
      currency: 'EUR',
      version: '0',
      supply: { kind: 'three-phase', voltageV: 230 },
      connectionNodeId: 'main',
      nodeCount: 1,
      evseCount: 1,
      at: new Date().toISOString(),
      failsafe: null,
      gridW: 27_600,
      evW: 13_800,
      uncontrolledW: 13_800,
      loads: [
        {
          id: 'hall',
          name: 'Hall',
          nodeId: 'main',
          kind: 'building',
          meterId: 'hall',
          wiring: 'L1L2L3',
          designA: NOTHING,
          reading: {
            meterId: 'hall',
            measuredAt: new Date().toISOString(),
            receivedAt: new Date().toISOString(),
            quality: 'good',
            powerW: 13_800,
            stale: false,
            ageS: 1,
          },
        },
      ],
    },
    nodes: [node],
    evses: [fakeEvse('ONE/1')],
    sessions: [],
    events: [],
    plan: null,
    prices: { series: [] },
    stations: [],
    scopes: ['read', 'operate'],
    ...more,
  }
}

export { snapshotOf }
