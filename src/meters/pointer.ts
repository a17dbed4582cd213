import { AppError } from '../errors.ts'

/** Reads one value out of a document; `undefined` = the document has no such place. */
export type Pointer = (document: unknown) => unknown

const MAX_DEPTH = 32

const tokensOf = (where: string, text: string): string[] => {
  const complain = (why: string): never => {
    throw new AppError(
      'config-invalid',
      `${where}: "${text}" is not a JSON pointer (RFC 6901): ${why}`,
    )
  }
  if (text === '') return []
  if (!text.startsWith('/')) complain('start it with "/", or leave it empty for the whole payload')
  if (/~(?![01])/.test(text)) complain('write "~0" for "~" and "~1" for "/" in a name')
  const tokens = text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (tokens.length > MAX_DEPTH) complain(`at most ${MAX_DEPTH} levels`)
  return tokens
}

const ARRAY_INDEX = /^(0|[1-9]\d*)$/

const step = (value: unknown, token: string): unknown => {
  if (Array.isArray(value)) return ARRAY_INDEX.test(token) ? value[Number(token)] : undefined
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, token) ? (value as Record<string, unknown>)[token] : undefined
}

/**
 * Compiles a JSON pointer (RFC 6901). The empty pointer is the whole document; only own properties
 * are followed.
 *
 * @param where path of the setting, for the message
 * @throws AppError `config-invalid` when the text is no pointer
 */
export const compilePointer = (where: string, text: string): Pointer => {
  const tokens = tokensOf(where, text)
  return (document) => {
    let value = document
    for (const token of tokens) value = step(value, token)
    return value
  }
}
