import type { Command } from 'commander'
import { timeMs } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { createTimes, zoneText } from '../text.ts'
import {
  conclude,
  eventCommandOf,
  sendingOf,
  SILENT_API,
  SILENT_PARTY,
  utilityOf,
  waitOption,
  type EventOptions,
} from './options.ts'
import { API_AUTHORITY } from './words.ts'

interface Options extends EventOptions {
  readonly at?: number
  readonly wait: number
}

export const eventCancelCommand = (terminal: Terminal): Command =>
  eventCommandOf('cancel', 'cancel an event: a new version of it says that it is over')
    .argument('<id>', 'name of the event')
    .option(
      '--at <time>',
      'when, ISO 8601; without an offset by the clock of this machine (default: now)',
      timeMs,
    )
    .addOption(waitOption())
    .action(async (id: string, options: Options) => {
      const utility = utilityOf(options, terminal)
      if (utility !== null) {
        const { cancelByMqtt } = await import('./by-mqtt.ts')
        const times = createTimes(terminal.now())
        const way = `at ${utility.operator}/${utility.party} (${zoneText(times)})`
        const sending = sendingOf(options, way, times, terminal)
        const outcome = await cancelByMqtt(utility, id, options.at, sending)
        conclude(outcome, options, SILENT_PARTY, terminal)
        return
      }
      const { connectApi } = await import('../api/client.ts')
      const { siteTimes } = await import('../api/site-times.ts')
      const { cancelByApi } = await import('./by-api.ts')
      const api = connectApi(options, terminal)
      const times = await siteTimes(api, terminal.now())
      const sending = sendingOf(options, 'by the API', times, terminal)
      const outcome = await cancelByApi(api, eventName(id), options.at, sending)
      conclude(outcome, options, SILENT_API, terminal)
    })

/** `e1` was made by the API; `utility/e1` names its authority. */
export const eventName = (text: string): { authority: string; eventId: string } => {
  const at = text.indexOf('/')
  return at < 0
    ? { authority: API_AUTHORITY, eventId: text }
    : { authority: text.slice(0, at), eventId: text.slice(at + 1) }
}
