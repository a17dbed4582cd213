import { Command } from 'commander'
import { loadConfig } from '../config/load.ts'

export const configCommand = (): Command =>
  new Command('config').description('work with configuration files').addCommand(
    new Command('check')
      .description('check a configuration file and say precisely what is wrong')
      .argument('<config>', 'configuration file')
      .option('--json', 'print JSON')
      .action((file: string, options: { json?: boolean }) => {
        try {
          const { site } = loadConfig(file)
          const { nodes, evses, loads } = site
          const summary = {
            ok: true,
            nodes: nodes.length,
            evses: evses.length,
            loads: loads.length,
          }
          console.log(
            options.json
              ? JSON.stringify(summary)
              : `${file}: ok, ${nodes.length} nodes, ${evses.length} EVSEs, ${loads.length} loads`,
          )
        } catch (error) {
          process.exitCode = 1
          const { message, details } = error as { message: string; details?: unknown }
          if (options.json) console.log(JSON.stringify({ ok: false, problems: details }))
          else console.error(message)
        }
      }),
  )
