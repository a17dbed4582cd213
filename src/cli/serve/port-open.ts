import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 100

const opens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** Resolves when something listens on a port of this machine, or the patience is over. */
export const portOpen = async (port: number, patienceMs: number): Promise<void> => {
  const endMs = performance.now() + patienceMs
  while (performance.now() < endMs && !(await opens(port))) await sleep(LOOK_EVERY_MS)
}
