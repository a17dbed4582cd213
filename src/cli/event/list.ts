import type { Command } from 'commander'
import { OPEN_END_MS } from '../../domain/signal.ts'
import type { WireEvent } from '../../signals/mqtt/wire.ts'
import { table, type Column } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { createTimes, zoneText, type Times } from '../text.ts'
import { eventCommandOf, utilityOf, type EventOptions } from './options.ts'
import type { Retained, UtilityOptions } from './utility.ts'
import { endText, signalText, type Event } from './words.ts'

interface Options extends EventOptions {
  readonly all?: boolean
}

export const eventListCommand = (terminal: Terminal): Command =>
  eventCommandOf('list', 'events that act or will act; with --mqtt what the broker keeps')
    .option('--all', 'also those that are over')
    .action(async ({ all, ...options }: Options) => {
      const utility = utilityOf(options, terminal)
      if (utility !== null) {
        const retained = await allRetained(utility, terminal)
        const times = createTimes(terminal.now())
        if (options.json) terminal.json(retained)
        else {
          terminal.out(orNone(retained, retainedTable(retained, times)))
          if (retained.length > 0) terminal.err(zoneText(times))
        }
        return
      }
      const { connectApi } = await import('../api/client.ts')
      const { siteTimes } = await import('../api/site-times.ts')
      const { EVENT } = await import('../../api/resources/event.ts')
      const state = all ? 'all' : undefined
      const api = connectApi(options, terminal)
      const events = await api.list('/v1/events', EVENT, { state })
      if (options.json) terminal.json(events)
      else {
        const times = await siteTimes(api, terminal.now())
        terminal.out(orNone(events, eventTable(events, times, terminal.now())))
      }
    })

const allRetained = async (
  options: UtilityOptions,
  terminal: Terminal,
): Promise<readonly Retained[]> => {
  const { connectUtility } = await import('./utility.ts')
  const utility = await connectUtility(options)
  try {
    return await utility.documents((reason) => terminal.err(`busbar: ${reason}`))
  } finally {
    await utility.close()
  }
}

const orNone = (items: readonly unknown[], text: string): string =>
  items.length === 0 ? 'there are no events' : text

const COLUMNS: readonly Column[] = [
  { title: 'EVENT' },
  { title: 'VERSION', right: true },
  { title: 'CLASS' },
  { title: 'SAYS' },
  { title: 'FROM' },
  { title: 'TO' },
  { title: 'STATE' },
  { title: 'BECAUSE' },
]

export const eventTable = (events: readonly Event[], times: Times, nowMs: number): string =>
  table(
    COLUMNS,
    events.map((event) => [
      event.id,
      String(event.modification),
      event.eventClass,
      signalText(event, nowMs),
      times.minute(event.start),
      endText(event, times),
      event.state,
      event.reason ?? '',
    ]),
  )

export const retainedTable = (retained: readonly Retained[], times: Times): string =>
  table(
    COLUMNS,
    retained.map(({ envelope: { data }, end, state }) => [
      data.eventId,
      String(data.modification),
      data.class,
      wireText(data),
      times.minute(data.start),
      endText({ end, openEnded: Date.parse(end) >= OPEN_END_MS }, times),
      state === null ? data.status : state.state,
      state?.reason ?? '',
    ]),
  )

const wireText = ({ signal, intervals }: WireEvent): string =>
  `${signal.kind} ${intervals.map(({ value }) => value ?? 'nothing').join(', ')} ${signal.unit}`
