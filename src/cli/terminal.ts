import { styleText } from 'node:util'
import type { Environment } from '../config/secrets.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** Where a command reads its surroundings and says what it found; tests give their own. */
export interface Terminal {
  /** Lines for standard output: what was asked for. */
  readonly out: (text: string) => void
  /** Lines for standard error: what a program that reads the output must not get. */
  readonly err: (text: string) => void
  /** One JSON document on standard output. */
  readonly json: (value: unknown) => void
  /** Colours the text where standard output is a terminal and NO_COLOR is not set. */
  readonly paint: (style: Style, text: string) => string
  /** Whether a person sits at standard output. */
  readonly isInteractive: boolean
  readonly env: Environment
  readonly cwd: string
  readonly now: () => number
}

/** A colour, or a control character other than line feed and tab. */
const CONTROL = /\p{Cc}\[[\d;]*m|[^\P{Cc}\n\t]/gu
const ESCAPE = '\u001b'

/** What stations and utilities say is shown as text: it must not steer the terminal. */
export const printable = (text: string): string =>
  text.replace(CONTROL, (found) =>
    found.startsWith(ESCAPE) && found.length > 1 ? found : `\uFFFD${found.slice(1)}`,
  )

/**
 * A text of a station, a utility or a log line without control characters. (The codes that
 * `printable` lets pass are those of `paint`.)
 */
export const withoutEscapes = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '\uFFFD')

const escapeRest = (json: string): string =>
  json.replace(/[\u007f-\u009f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)

/** The JSON text that commands print; valid on a terminal as well as in a pipe. */
export const jsonText = (value: unknown): string => escapeRest(JSON.stringify(value, null, 2))

export const processTerminal = (): Terminal => {
  // A reader that has seen enough (`busbar stations | head -3`) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
  return {
    out: (text) => void process.stdout.write(`${printable(text)}\n`),
    err: (text) => void process.stderr.write(`${printable(text)}\n`),
    json: (value) => void process.stdout.write(`${jsonText(value)}\n`),
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
    isInteractive: process.stdout.isTTY,
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
  }
}
