import { CommanderError, type Command } from 'commander'
import { Exit, EXIT, tell, UsageError, type Told } from './failure.ts'
import { buildProgram } from './program.ts'
import { jsonText, type Terminal } from './terminal.ts'

/** The parser stopped: help was asked for, or the arguments make no sense. */
class Parsed extends Error {
  readonly code: string
  readonly exitCode: number
  /** The command that was meant. */
  readonly path: string

  constructor({ code, message, exitCode }: CommanderError, path: string) {
    super(message.replace(/^error: /, ''))
    this.code = code
    // Help that nobody asked for is the answer to a missing command.
    this.exitCode = exitCode === 0 ? EXIT.ok : EXIT.usage
    this.path = path
  }
}

/** Help or the version was printed; there is nothing more to say. */
const PRINTED = ['commander.helpDisplayed', 'commander.help', 'commander.version']

/** Runs one command line (without `node` and the script). Resolves to the exit code. */
export const runCli = async (argv: readonly string[], terminal: Terminal): Promise<number> => {
  const program = buildProgram(terminal)
  prepare(program, terminal)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (error instanceof Exit) return error.exitCode
    if (error instanceof Parsed && PRINTED.includes(error.code)) return error.exitCode
    const isUsage = error instanceof Parsed || error instanceof UsageError
    const told = isUsage ? { code: 'usage', message: error.message } : tell(error)
    if (argv.includes('--json')) terminal.err(jsonText({ error: told }))
    else {
      terminal.err(standsAlone(told) ? told.message : `busbar: ${told.message}`)
      if (error instanceof Parsed) terminal.err(`see: ${error.path} --help`)
    }
    return isUsage ? EXIT.usage : EXIT.failure
  }
}

/** Lines that begin with a file and a place. */
const standsAlone = ({ code, message }: Told): boolean =>
  code === 'config-invalid' || (code !== 'usage' && message.includes('\n'))

/** What holds for every command: nobody but us ends the process, and tells what is wrong. */
const prepare = (command: Command, terminal: Terminal, path = 'busbar'): void => {
  command
    .exitOverride((error) => {
      throw new Parsed(error, path)
    })
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      outputError: () => {},
    })
  for (const child of command.commands) prepare(child, terminal, `${path} ${child.name()}`)
}
