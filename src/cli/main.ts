import { Command } from 'commander'
import { configCommand } from './config.ts'
import { serveCommand } from './serve.ts'
import { simulateCommand } from './simulate.ts'

const program = new Command('busbar')
  .description('Smart charging and demand response with a complete OCPP central system')
  .addCommand(serveCommand())
  .addCommand(simulateCommand())
  .addCommand(configCommand())

await program.parseAsync()
