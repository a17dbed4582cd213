import { Command, Option } from 'commander'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly log?: 'human' | 'json'
}

export const serveCommand = (terminal: Terminal): Command =>
  new Command('serve')
    .description('run a site')
    .argument('<config>', 'configuration file')
    .addOption(
      new Option(
        '--log <form>',
        'log for people or for programs (default: human on a terminal, else json)',
      ).choices(['human', 'json']),
    )
    .addHelpText(
      'after',
      `
With --log json every line on standard output is one JSON object; the lines of the start then go to
standard error. Ctrl+C or SIGTERM stops in an orderly way, a second one at once.`,
    )
    .action(async (file: string, { log }: Options) => {
      const { serve } = await import('./serve/serve.ts')
      await serve(file, log ?? (terminal.isInteractive ? 'human' : 'json'), terminal)
    })
