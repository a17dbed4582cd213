import { CommanderError, type Command } from 'commander'
import { Exit, EXIT, tell, UsageError } from './failure.ts'
import { buildProgram } from './program.ts'
import { jsonText, type Terminal } from './terminal.ts'

/** The parser has printed help, or what is wrong with the arguments. */
class Parsed extends Error {
  readonly exitCode: number

  constructor(error: CommanderError) {
    super(error.message)
    this.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
}

/** Runs one command line (without `node` and the script). Resolves to the exit code. */
export const runCli = async (argv: readonly string[], terminal: Terminal): Promise<number> => {
  const program = buildProgram(terminal)
  prepare(program, terminal)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (error instanceof Exit || error instanceof Parsed) return error.exitCode
    const isUsage = error instanceof UsageError || error instanceof CommanderError
    const told = isUsage ? { code: 'usage', message: error.message } : tell(error)
    if (argv.includes('--json')) terminal.err(jsonText({ error: told }))
    // Lines that name files and places stand on their own.
    else terminal.err(told.message.includes('\n') ? told.message : `busbar: ${told.message}`)
    return isUsage ? EXIT.usage : EXIT.failure
  }
}

/** What holds for every command: nobody but us ends the process, and errors name the help. */
const prepare = (command: Command, terminal: Terminal, path = 'busbar'): void => {
  command
    .exitOverride((error) => {
      throw new Parsed(error)
    })
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .showHelpAfterError(`see: ${path} --help`)
  for (const child of command.commands) prepare(child, terminal, `${path} ${child.name()}`)
}
