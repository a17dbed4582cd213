import { runCli } from './run-cli.ts'
import { processTerminal } from './terminal.ts'

/** What is still open when a command has ended does not hold the process for longer. */
const GRACE_MS = 1_000

process.exitCode = await runCli(process.argv.slice(2), processTerminal())
setTimeout(() => process.exit(), GRACE_MS).unref()
