import { Command } from 'commander'
import { configCommand } from './config.ts'
import { costCommand } from './cost.ts'
import { eventCommand } from './event.ts'
import { forecastCommand } from './forecast.ts'
import { nodesCommand } from './nodes.ts'
import { planCommand } from './plan.ts'
import { serveCommand } from './serve.ts'
import { sessionsCommand } from './sessions.ts'
import { simulateCommand } from './simulate.ts'
import { stationCommand } from './station.ts'
import { stationsCommand } from './stations.ts'
import type { Terminal } from './terminal.ts'
import { tokenCommand } from './token.ts'
import { versionOf } from './version.ts'
import { whyCommand } from './why.ts'

/**
 * All commands. They say what they are and load what they need when they run, so that help is quick.
 */
export const buildProgram = (terminal: Terminal): Command =>
  new Command('busbar')
    .description('Smart charging and demand response with a complete OCPP central system')
    .version(versionOf(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addCommand(serveCommand(terminal))
    .addCommand(simulateCommand(terminal))
    .addCommand(configCommand(terminal))
    .addCommand(stationsCommand(terminal))
    .addCommand(sessionsCommand(terminal))
    .addCommand(nodesCommand(terminal))
    .addCommand(whyCommand(terminal))
    .addCommand(planCommand(terminal))
    .addCommand(eventCommand(terminal))
    .addCommand(stationCommand(terminal))
    .addCommand(tokenCommand(terminal))
    .addCommand(costCommand(terminal))
    .addCommand(forecastCommand(terminal))
