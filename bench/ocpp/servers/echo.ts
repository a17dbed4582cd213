import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { noBooks, serve } from './serve.ts'

/** The least that a WebSocket server of Node can do: sends back what it gets. */
serve(async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096 })
  server.on('connection', (socket) => {
    socket.on('error', () => socket.terminate())
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    path: '',
    limit: () => Promise.reject(new Error('an echo has no commands')),
    books: noBooks,
    stop: () => Promise.resolve(),
  }
})
