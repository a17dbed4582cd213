import { Command } from 'commander'
import type { Problem } from '../config/document.ts'
import { EXIT, Exit } from './failure.ts'
import { jsonOption } from './options.ts'
import type { Terminal } from './terminal.ts'

/** What `config check` says of one file. */
type Checked =
  | {
      readonly file: string
      readonly ok: true
      readonly nodes: number
      readonly evses: number
      readonly loads: number
      /** What is hardly meant, though it works. */
      readonly warnings: readonly Problem[]
    }
  | {
      readonly file: string
      readonly ok: false
      readonly message: string
      readonly problems: readonly Problem[]
    }

export const configCommand = (terminal: Terminal): Command =>
  new Command('config')
    .description('work with configuration files')
    .addCommand(checkCommand(terminal))
    .addCommand(schemaCommand(terminal))

const checkCommand = (terminal: Terminal): Command =>
  new Command('check')
    .description('check configuration files and say precisely what is wrong')
    .argument('<file...>', 'configuration files (YAML)')
    .addOption(jsonOption())
    .action(async (files: string[], { json }: { json?: boolean }) => {
      const results: Checked[] = []
      for (const file of files) results.push(await check(file, terminal))
      const ok = results.every((result) => result.ok)
      if (json) terminal.json({ ok, files: results })
      else for (const result of results) await say(result, terminal)
      if (!ok) throw new Exit(EXIT.failure)
    })

const check = async (file: string, { env }: Terminal): Promise<Checked> => {
  const { loadConfig } = await import('../config/load.ts')
  const { checkSurroundings } = await import('../app/check.ts')
  const { AppError } = await import('../errors.ts')
  try {
    const loaded = loadConfig(file, env)
    await checkSurroundings(loaded)
    const { nodes, evses, loads } = loaded.site
    return {
      file,
      ok: true,
      nodes: nodes.length,
      evses: evses.length,
      loads: loads.length,
      warnings: loaded.warnings,
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'config-invalid') throw error
    const { message, details } = error
    // A tariff has a file of its own: what is wrong in it is in the message.
    const problems = Array.isArray(details) ? (details as readonly Problem[]) : []
    return { file, ok: false, message, problems }
  }
}

const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? '' : 's'}`

const say = async (result: Checked, terminal: Terminal): Promise<void> => {
  if (result.ok) {
    const { problemLine } = await import('../config/load.ts')
    const { file, nodes, evses, loads, warnings } = result
    for (const warning of warnings) terminal.err(`warning: ${problemLine(file, warning)}`)
    terminal.out(
      `${file}: ok, ${count(nodes, 'node')}, ${count(evses, 'EVSE')}, ${count(loads, 'load')}`,
    )
  } else terminal.err(result.message)
}

const schemaCommand = (terminal: Terminal): Command =>
  new Command('schema')
    .description('print the JSON Schema of configuration files, for editors')
    .action(async () => {
      const { CONFIG } = await import('../config/schema.ts')
      terminal.json(CONFIG)
    })
