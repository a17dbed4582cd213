import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A stretch of network between a client and a server on the loopback. */
export interface Proxy {
  readonly port: number
  /** From now on nothing goes through, and nobody is told: a cable that was cut. */
  freeze(): void
  /** New connections go through again; frozen ones stay dead. */
  thaw(): void
  close(): Promise<void>
}

export const createProxy = async (targetPort: number): Promise<Proxy> => {
  const sockets = new Set<Socket>()
  let frozen = false
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    return socket
  }
  const server = createServer((near) => {
    keep(near)
    if (frozen) return
    const far = keep(connect(targetPort, '127.0.0.1'))
    near.pipe(far)
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    freeze() {
      frozen = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    thaw() {
      frozen = false
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}
