import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import * as ocpp16 from 'typed-ocpp/dist/ocpp16/schemas.js'
import * as ocpp201 from 'typed-ocpp/dist/ocpp20/schemas.js'
import { WebSocket, WebSocketServer } from 'ws'
import type { Protocol } from '../generator/messages.ts'
import { answersOf, profileFor } from './answers.ts'
import { noBooks, serve } from './serve.ts'

/** Both schemas of every action, compiled: one look-up by name. */
const validators = (protocol: Protocol): ReadonlyMap<string, ValidateFunction> => {
  const ajv = new Ajv({ strict: false, validateSchema: false, multipleOfPrecision: 3 })
  addFormats.default(ajv)
  const schemas: Readonly<Record<string, object>> = protocol === 'ocpp1.6' ? ocpp16 : ocpp201
  return new Map(
    Object.entries(schemas).map(([name, schema]) => {
      const { $id: _id, $schema: _schema, ...rest } = schema as Record<string, unknown>
      return [name, ajv.compile(rest)]
    }),
  )
}

type Frame = [type: number, id: string, action: string, payload: object]

interface Waiting {
  readonly id: string
  readonly settle: (payload: unknown) => void
}

/** `ws` and compiled schemas in both directions, and nothing else: no state, no storage. */
serve(async ({ protocol }) => {
  const checks = validators(protocol)
  const answers = answersOf(protocol)
  const sockets = new Map<string, WebSocket>()
  const waiting = new Map<string, Waiting>()
  let lastId = 0

  const check = (name: string, payload: unknown): void => {
    const valid = checks.get(name)
    if (!valid?.(payload)) throw new Error(`${name}: ${JSON.stringify(valid?.errors)}`)
  }

  const receive = (socket: WebSocket, identity: string, text: string): void => {
    const [type, id, action, payload] = JSON.parse(text) as Frame
    if (type === 3) {
      const call = waiting.get(identity)
      if (call?.id !== id) return
      check('SetChargingProfileResponse', action)
      waiting.delete(identity)
      call.settle(action)
      return
    }
    try {
      check(`${action}Request`, payload)
      const answer = answers[action]()
      check(`${action}Response`, answer)
      socket.send(`[3,"${id}",${JSON.stringify(answer)}]`)
    } catch (error) {
      socket.send(`[4,"${id}","FormatViolation",${JSON.stringify(String(error))},{}]`)
    }
  }

  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096 })
  server.on('connection', (socket, request) => {
    const identity = request.url!.slice(1)
    sockets.set(identity, socket)
    socket.on('error', () => socket.terminate())
    socket.on('message', (data: Buffer) => receive(socket, identity, data.toString()))
  })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    path: '',
    limit: (identity) => {
      const payload = profileFor(protocol, '1')
      check('SetChargingProfileRequest', payload)
      const id = String(++lastId)
      return new Promise((settle) => {
        waiting.set(identity, { id, settle })
        sockets.get(identity)?.send(`[2,"${id}","SetChargingProfile",${JSON.stringify(payload)}]`)
      })
    },
    books: noBooks,
    stop: () => Promise.resolve(),
  }
})
