import { styleText } from 'node:util'
import type { Environment } from '../config/secrets.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** Where a command reads its surroundings and says what it found; tests give their own. */
export interface Terminal {
  /** Lines for standard output: what was asked for. */
  out(text: string): void
  /** Lines for standard error: what a program that reads the output must not get. */
  err(text: string): void
  /** One JSON document on standard output. */
  json(value: unknown): void
  /** Colours the text where standard output is a terminal and NO_COLOR is not set. */
  paint(style: Style, text: string): string
  /** Whether a person sits at standard output. */
  readonly isInteractive: boolean
  readonly env: Environment
  readonly cwd: string
  now(): number
}

/** Escape sequences other than colours, and control characters other than line feed and tab. */
// oxlint-disable-next-line no-control-regex -- these are what must not pass
const UNPRINTABLE = /\u001b(?!\[[\d;]*m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g

/** What stations and utilities say is shown as text: it must not steer the terminal. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '\uFFFD')

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
