import { readdirSync } from 'node:fs'
import { basename } from 'node:path'

/** What every file beside this one exports. */
interface Bench {
  run(args: readonly string[]): Promise<void>
}

/** A new bench is a new file in this folder; nothing is listed twice. */
const NAMES = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'main.ts')
  .map((entry) => basename(entry.name, '.ts'))
  .sort()

const [name, ...args] = process.argv.slice(2)

if (name === undefined || !NAMES.includes(name)) {
  const complaint = name === undefined ? '' : `There is no bench "${name}".\n`
  process.stderr.write(
    `${complaint}Usage: npm run bench -- NAME [options], where NAME is ${NAMES.join(' | ')}\n` +
      'Every bench explains its options: npm run bench -- NAME --help\n',
  )
  process.exitCode = 2
} else {
  const bench = (await import(`./${name}.ts`)) as Bench
  await bench.run(args)
}
