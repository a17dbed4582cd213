import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { AppError } from '../errors.ts'
import type { Site } from '../domain/site.ts'
import { findAdvice } from './advice.ts'
import { checkDesign } from './check-design.ts'
import { checkReferences } from './check-references.ts'
import { parseYaml, type Problem } from './document.ts'
import { explain } from './explain.ts'
import { CONFIG, type Config } from './schema.ts'
import type { Environment } from './secrets.ts'
import { buildSite } from './site.ts'

export interface LoadedConfig {
  readonly file: string
  readonly config: Config
  readonly site: Site
  /** What is hardly meant, though it works. */
  readonly warnings: readonly Problem[]
  /** A path of the configuration, relative to its file. */
  pathOf(name: string): string
  /**
   * Text of the file that a setting names. Throws AppError `config-invalid` with the place of the
   * setting when it cannot be read.
   */
  readText(path: readonly (string | number)[], name: string): string
  /** What is wrong with a setting, as an AppError `config-invalid` with its place. */
  fault(path: readonly (string | number)[], message: string, cause: unknown): AppError
}

const ajv = new Ajv2020({ allErrors: true, verbose: true, discriminator: true, strict: false })
const validate = ajv.compile<Config>(CONFIG)

/**
 * Reads and checks a configuration. Throws AppError `config-invalid` whose message has one line per
 * problem (of the first 50): `config/depot.yaml:14:7 nodes/2/limitA must be at least 0, not -5`.
 */
export const loadConfig = (file: string, environment: Environment = process.env): LoadedConfig => {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new AppError('config-invalid', `${file}: cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  }
  // Names in another encoding would become other names.
  if (!isUtf8(bytes)) {
    throw new AppError('config-invalid', `${file}: is not text in UTF-8; save it as UTF-8`)
  }
  return parseConfig(bytes.toString('utf8'), file, environment)
}

export const parseConfig = (text: string, file: string, environment: Environment): LoadedConfig => {
  const document = parseYaml(text, environment)
  if (document.problems.length > 0) throw failure(file, document.problems)
  const { value } = document
  if (!validate(value)) {
    const problems = explain(validate.errors ?? []).map(({ path, key, message }) => ({
      ...(key ? document.locateKey(path) : document.locate(path)),
      path: path.join('/'),
      message,
    }))
    throw failure(file, problems)
  }
  const place = ({ path, message }: Found): Problem => ({
    ...document.locate(path),
    path: path.join('/'),
    message,
  })
  const references = checkReferences(value).map(place)
  if (references.length > 0) throw failure(file, references)
  const site = buildSite(value)
  const pathOf = (name: string): string => (isAbsolute(name) ? name : resolve(dirname(file), name))
  const warnings = findAdvice(value, (name) => existsSync(pathOf(name))).map(place)
  const design = checkDesign(value, site).map(place)
  // What is hardly meant may be why the design does not fit.
  if (design.length > 0) throw failure(file, [...design, ...warnings])
  const fault: LoadedConfig['fault'] = (path, message, cause) =>
    failure(file, [place({ path, message })], cause)
  return {
    file,
    config: value,
    site,
    warnings,
    pathOf,
    readText: (path, name) => {
      try {
        return readFileSync(pathOf(name), 'utf8')
      } catch (cause) {
        throw fault(path, `names a file that cannot be read: ${(cause as Error).message}`, cause)
      }
    },
    fault,
  }
}

/** What is wrong at a path of the document. */
interface Found {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** `config/depot.yaml:14:7 nodes/2/limitA must be at least 0, not -5`. */
export const problemLine = (file: string, { line, column, path, message }: Problem): string =>
  `${file}:${line}:${column} ${path} ${message}`.replace(/ {2,}/g, ' ')

/** So many are told in words; the details of the error hold all. */
const MAX_TOLD = 50

const failure = (file: string, problems: readonly Problem[], cause?: unknown): AppError => {
  const lines = [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, MAX_TOLD)
    .map((problem) => problemLine(file, problem))
  const more = problems.length - lines.length
  if (more > 0) {
    const what = `${more} more problem${more === 1 ? '' : 's'}`
    lines.push(`${file}: and ${what}; \`busbar config check --json\` lists all`)
  }
  return new AppError('config-invalid', lines.join('\n'), { details: problems, cause })
}
