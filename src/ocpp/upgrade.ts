import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Random } from '../ports/random.ts'
import { Connection, type ConnectionOptions, type OnClosed, StationSocket } from './connection.ts'
import type { Protocol } from './dialect.ts'
import type { Doorkeeper, Refusal, Welcome } from './doorkeeper.ts'
import { negotiate } from './handshake.ts'
import type { OnUpgrade } from './listener.ts'
import type { Registry } from './registry.ts'
import type { Routes } from './routes.ts'
import type { RpcContext } from './rpc-context.ts'

export interface UpgraderDeps {
  readonly context: RpcContext
  readonly routes: ReadonlyMap<Protocol, Routes>
  readonly judge: Doorkeeper
  readonly registry: Registry
  readonly random: Random
}

export interface Upgrader {
  readonly onUpgrade: OnUpgrade
  /** Turns everybody away from now on. */
  stop(): void
}

/** From an upgrade request to an open connection, or to the right refusal. */
export const createUpgrader = (deps: UpgraderDeps): Upgrader => {
  const { context, routes, judge, registry, random } = deps
  const { counters, log } = context
  /** Sockets whose fate is being decided. */
  const visitors = new Set<Duplex>()
  const onClosed: OnClosed = (connection, code, reason) => registry.retire(connection, code, reason)
  const withPings: ConnectionOptions = { pings: true, random, onClosed }
  const withoutPings: ConnectionOptions = { ...withPings, pings: false }
  const shake = handshakes(context)
  let generation = 0
  let stopping = false

  const open = (
    webSocket: StationSocket,
    stream: Duplex,
    { station, remoteAddress }: Welcome,
    protocol: Protocol,
    table: Routes,
  ): void => {
    const known = station.kind === 'known'
    const peer = {
      stationId: station.stationId,
      protocol,
      generation: ++generation,
      remoteAddress,
      connectedAtMs: context.clock.now(),
      quarantined: !known,
      replyDelayMs: known ? (station.replyDelayMs ?? 0) : 0,
    }
    const options = known && station.pings === false ? withoutPings : withPings
    registry.add(new Connection(webSocket, stream, peer, context, table, options))
  }

  const welcome = (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    verdict: Welcome,
  ): void => {
    const { stationId, protocols, protocolIfNoneOffered = null } = verdict.station
    const preferred = protocols.filter((protocol) => routes.has(protocol))
    const offered = request.headers['sec-websocket-protocol']
    const { protocol, header } = negotiate(offered, preferred, protocolIfNoneOffered)
    socket.off('error', destroyOnError)
    shake(request, socket, head, header, (webSocket) => {
      const table = protocol && routes.get(protocol)
      if (table) return open(webSocket, socket, verdict, protocol, table)
      // The standard wants the handshake finished, without a sub-protocol, and then closed.
      counters.wrongProtocols++
      log.warn({ stationId, offered, preferred }, 'No sub-protocol in common with a station')
      webSocket.on('error', () => webSocket.terminate())
      webSocket.close(1002, 'no common OCPP version')
    })
  }

  const decide = (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    verdict: Welcome | Refusal,
  ): void => {
    if (socket.destroyed) return
    if (!verdict.ok) {
      const { identity, remoteAddress, status, reason, retryAfterS } = verdict
      log.warn({ identity, remoteAddress, status, reason }, 'A station was refused')
      return refuse(socket, status, retryAfterS)
    }
    const why = stopping ? 'The server stops' : registry.fullness(verdict.station)
    if (why === null) return welcome(request, socket, head, verdict)
    counters.overCapacity++
    log.warn({ stationId: verdict.station.stationId, remoteAddress: verdict.remoteAddress }, why)
    refuse(socket, 503, RETRY_AFTER_S)
  }

  return {
    onUpgrade: (request, socket, head, door) => {
      socket.on('error', destroyOnError)
      if (stopping) return refuse(socket, 503, RETRY_AFTER_S)
      const failed = (err: unknown): void => {
        log.error({ err, url: request.url }, 'A connection could not be judged')
        refuse(socket, 500)
      }
      try {
        const verdict = judge(request, door)
        if (!(verdict instanceof Promise)) return decide(request, socket, head, verdict)
        visitors.add(socket)
        verdict
          .then((verdict) => decide(request, socket, head, verdict))
          .catch(failed)
          .finally(() => visitors.delete(socket))
      } catch (err) {
        failed(err)
      }
    },
    stop: () => {
      stopping = true
      for (const visitor of visitors) visitor.destroy()
    },
  }
}

const RETRY_AFTER_S = 60

type Shake = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocolHeader: string | null,
  done: (socket: StationSocket) => void,
) => void

/** The WebSocket handshake itself, with the sub-protocol that we chose or none. */
const handshakes = ({ limits }: RpcContext): Shake => {
  const settings = {
    noServer: true,
    WebSocket: StationSocket,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxFrameBytes,
    closeTimeout: limits.stopGraceMs,
  }
  const server = new WebSocketServer(settings)
  return (request, socket, head, protocolHeader, done) => {
    // `ws` refuses a header that is empty, has a stray comma or says a name twice; what it sees is
    // what we chose, and it takes the one name that is there.
    if (protocolHeader === null) delete request.headers['sec-websocket-protocol']
    else request.headers['sec-websocket-protocol'] = protocolHeader
    server.handleUpgrade(request, socket, head, done)
  }
}

function destroyOnError(this: Duplex): void {
  this.destroy()
}

const refuse = (socket: Duplex, status: number, retryAfterS?: number): void => {
  const headers = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Length: 0',
    ...(status === 401 ? ['WWW-Authenticate: Basic realm="ocpp", charset="UTF-8"'] : []),
    ...(retryAfterS === undefined ? [] : [`Retry-After: ${retryAfterS}`]),
  ]
  socket.once('finish', () => socket.destroy())
  socket.end(`${headers.join('\r\n')}\r\n\r\n`)
}
