import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { RPCServer, type RPCClient } from 'ocpp-rpc'
import { answersOf, profileFor } from './answers.ts'
import { noBooks, serve } from './serve.ts'

/** The package's own types know neither the identity nor handlers that need no request. */
interface Client extends Omit<RPCClient, 'handle' | 'call'> {
  readonly identity: string
  handle(action: string, answer: () => unknown): void
  call(action: string, payload: object): Promise<unknown>
}

/** The package `ocpp-rpc` with its strict validation of requests and answers; stores nothing. */
serve(async ({ protocol }) => {
  const answers = answersOf(protocol)
  const clients = new Map<string, Client>()
  const rpc = new RPCServer({ protocols: [protocol], strictMode: true })
  rpc.on('client', (client: Client) => {
    clients.set(client.identity, client)
    for (const [action, answer] of Object.entries(answers)) client.handle(action, answer)
  })
  // Its own `listen` leaves the backlog at Node's 511, which no storm fits into.
  const server = createServer({ noDelay: true })
  server.on(
    'upgrade',
    (request, socket, head) => void rpc.handleUpgrade(request, socket as Socket, head),
  )
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    path: '',
    limit: (identity) =>
      clients.get(identity)!.call('SetChargingProfile', profileFor(protocol, '1')),
    books: noBooks,
    stop: () => Promise.resolve(),
  }
})
