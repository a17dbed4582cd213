import { Command } from 'commander'
import { eventCancelCommand } from './event/cancel.ts'
import { eventListCommand } from './event/list.ts'
import { eventSendCommand } from './event/send.ts'
import type { Terminal } from './terminal.ts'

export const eventCommand = (terminal: Terminal): Command =>
  new Command('event')
    .description('limits and other grid events: over the API, or as a utility over MQTT')
    .addCommand(eventSendCommand(terminal))
    .addCommand(eventCancelCommand(terminal))
    .addCommand(eventListCommand(terminal))
