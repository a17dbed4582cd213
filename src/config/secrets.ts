import { readFileSync } from 'node:fs'

export type Environment = Readonly<Record<string, string | undefined>>

export type Resolved = { ok: true; text: string } | { ok: false; problem: string }

/** Whatever begins like a reference, up to its end. */
const ANY = /\$\{[^}]*\}?/g
const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:(?!\$\{)[^}])*))?\}$/

/**
 * Replaces `${NAME}` by the environment variable NAME, or by the content of the file that NAME_FILE
 * names, or by the default in `${NAME:-default}`.
 */
export const resolveReferences = (text: string, environment: Environment): Resolved => {
  const problems: string[] = []
  const resolved = text.replace(ANY, (reference) => {
    const [, name, fallback] = REFERENCE.exec(reference) ?? []
    if (name === undefined) {
      // As a plain text it would be a secret that everybody can guess.
      problems.push(
        `"${reference}" is no reference to the environment; write "\${NAME}" or "\${NAME:-default}", with letters, digits and _`,
      )
      return ''
    }
    const value = environment[name]
    if (value !== undefined) return value
    const file = environment[`${name}_FILE`]
    if (file !== undefined) {
      try {
        return readFileSync(file, 'utf8').trimEnd()
      } catch (error) {
        problems.push(
          `${name}_FILE names ${file}, which cannot be read: ${(error as Error).message}`,
        )
        return ''
      }
    }
    if (fallback !== undefined) return fallback
    problems.push(`environment variable ${name} is not set; set it or ${name}_FILE`)
    return ''
  })
  return problems.length > 0
    ? { ok: false, problem: problems.join('; ') }
    : { ok: true, text: resolved }
}
