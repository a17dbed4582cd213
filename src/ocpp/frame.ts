import type { Protocol } from './dialect.ts'
import { type RpcErrorCode, spell } from './rpc-error.ts'

/** OCPP-J message types (2.0.1 part 4, 4.1.3). */
export const CALL = 2
export const CALLRESULT = 3
export const CALLERROR = 4

/** Bound of a message id (part 4, 4.1.4). */
const ID_LENGTH = 36
/** Longer ids are echoed as well, up to here. */
const ID_LENGTH_TOLERATED = 255
const DESCRIPTION_LENGTH = 255

export type MessageId = string | number

/** A text as it should be; a number from those who forgot the quotes is echoed as a number. */
export const isUsableId = (id: unknown): id is MessageId =>
  typeof id === 'string'
    ? id.length > 0 && id.length <= ID_LENGTH_TOLERATED
    : typeof id === 'number' && Number.isFinite(id)

export const isSloppyId = (id: MessageId): boolean =>
  typeof id === 'number' || id.length > ID_LENGTH

/** The array of a frame, or null. */
export const readFrame = (text: string): readonly unknown[] | null => {
  try {
    const frame: unknown = JSON.parse(text)
    return Array.isArray(frame) ? frame : null
  } catch {
    return null
  }
}

/** Message type and id of a frame, as far as they can be read when the rest cannot. */
export const readHead = (text: string): { type: number; id: MessageId } | null => {
  const [, type, id] = HEAD.exec(text) ?? []
  if (id === undefined) return null
  try {
    const read: unknown = JSON.parse(id)
    return isUsableId(read) ? { type: Number(type), id: read } : null
  } catch {
    return null
  }
}

const HEAD = /^\s*\[\s*([234])\s*,\s*("(?:[^"\\]|\\.){1,300}"|\d{1,15})\s*[,\]]/

/** Without what embedded stacks leave around a message: byte order mark, blanks, NUL bytes. */
export const trimmedText = (text: string): string => {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(0, end).replace(/^[\uFEFF\s]+/, '')
}

export const callText = (id: string, action: string, payload: string): string =>
  `[2,"${id}","${action}",${payload}]`

export const resultText = (id: MessageId, payload: string): string =>
  `[3,${JSON.stringify(id)},${payload}]`

export const errorText = (
  id: MessageId,
  code: RpcErrorCode,
  description: string,
  protocol: Protocol,
): string =>
  `[4,${JSON.stringify(id)},"${spell(code, protocol)}",${JSON.stringify(
    description.slice(0, DESCRIPTION_LENGTH),
  )},{}]`
