import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import type { TariffFile } from './schema.ts'
import { checkMeaning } from './semantics.ts'
import { compileTariff, type Tariff } from './tariff.ts'
import { schemaProblems } from './validate.ts'
import { parseYaml, type Problem } from './yaml-text.ts'

/** Where the tariffs that come with the package are. */
export const SHIPPED_DIR = resolve(import.meta.dirname, '../../tariffs')

const MAX_BYTES = 1_048_576
const MAX_REPORTED = 20

const refuse = (name: string, problems: readonly Problem[]): never => {
  const shown = [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, MAX_REPORTED)
  const lines = shown.map(
    ({ line, column, path, message }) =>
      `${name}:${line}:${column} ${path ? `${path} ` : ''}${message}`,
  )
  const more = problems.length - shown.length
  throw new AppError('config-invalid', lines.join('\n') + (more > 0 ? `\nand ${more} more` : ''), {
    details: { problems: shown },
  })
}

/**
 * Reads a tariff from YAML text. mathjs is loaded only when the tariff has a formula.
 *
 * @param name what problems call the text: usually the file's path
 * @throws AppError `config-invalid`; its message has one line per problem: file, line, column,
 *   path, what is wrong, what to do
 */
export const parseTariff = async (text: string, name: string): Promise<Tariff> => {
  const yaml = parseYaml(text)
  if (yaml.problems.length > 0) return refuse(name, yaml.problems)
  const problems = schemaProblems(yaml)
  if (problems.length > 0) return refuse(name, problems)
  const file = yaml.value as TariffFile
  const report = (path: readonly (string | number)[], message: string): void => {
    problems.push(yaml.at(path, message))
  }
  checkMeaning(file, report)
  if (problems.length > 0) return refuse(name, problems)
  const tariff = await compileTariff(file, report)
  return problems.length > 0 ? refuse(name, problems) : tariff
}

/** Ids of the tariffs that come with the package, ascending. */
export const shippedTariffs = async (): Promise<string[]> =>
  (await readdir(SHIPPED_DIR))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort()

/** `us-sce-tou-ev-4-2019` is a tariff of the package; anything with a dot or slash is a path. */
export const tariffPath = (idOrPath: string): string =>
  /^[a-z0-9-]+$/.test(idOrPath) ? join(SHIPPED_DIR, `${idOrPath}.yaml`) : idOrPath

/**
 * Loads a tariff by path, or by id from those that come with the package.
 *
 * @throws AppError `config-invalid` as `parseTariff`, and when the file cannot be read
 */
export const loadTariff = async (idOrPath: string): Promise<Tariff> => {
  const path = tariffPath(idOrPath)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const known = path === idOrPath ? '' : `; known are ${(await shippedTariffs()).join(', ')}`
    throw new AppError('config-invalid', `tariff ${path} cannot be read${known}`, { cause: error })
  }
  if (text.length > MAX_BYTES) {
    throw new AppError('config-invalid', `tariff ${path} is larger than ${MAX_BYTES} characters`)
  }
  return parseTariff(text, path)
}
