import { Command } from 'commander'
import { apiCommand, type ApiOptions } from './options.ts'
import { jsonObject } from './parse.ts'
import type { Terminal } from './terminal.ts'

/** A station may take a minute and a half to answer. */
const PATIENCE_MS = 120_000

export const stationCommand = (terminal: Terminal): Command =>
  new Command('station').description('talk to one station').addCommand(sendCommand(terminal))

const sendCommand = (terminal: Terminal): Command =>
  apiCommand('command', 'send any OCPP action and print the answer of the station')
    .argument('<station>', 'identity of the station')
    .argument('<action>', "action of the station's OCPP version, such as TriggerMessage")
    .argument('[payload]', 'its payload as JSON', jsonObject, {})
    .addHelpText(
      'after',
      '\nExample:\n  busbar station command CP01 TriggerMessage \'{"requestedMessage":"Heartbeat"}\'',
    )
    .action(async (station: string, action: string, payload: object, options: ApiOptions) => {
      const { connectApi, path } = await import('./api/client.ts')
      const { Type } = await import('typebox')
      const where = path`/v1/stations/${station}/commands/${action}`
      const api = connectApi(options, terminal)
      terminal.json(await api.send('POST', where, payload, Type.Unknown(), PATIENCE_MS))
    })
