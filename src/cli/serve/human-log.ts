import { createTimes, type Times } from '../text.ts'
import { withoutEscapes, type Style, type Terminal } from '../terminal.ts'

const STYLES: Readonly<Record<string, Style>> = { warn: 'yellow', error: 'red', debug: 'dim' }

const shown = (value: unknown): string => {
  if (typeof value === 'string') return /[\s\p{Cc}]/u.test(value) ? JSON.stringify(value) : value
  return JSON.stringify(value) ?? String(value)
}

/** A fault is its message; its stack is for the JSON log. */
const fields = (line: Readonly<Record<string, unknown>>): string =>
  Object.entries(line)
    .filter(([name]) => !['level', 'time', 'msg', 'err'].includes(name))
    .map(([name, value]) => `${name}=${shown(value)}`)
    .concat('err' in line ? [messageOf(line['err'])] : [])
    .join(' ')

const messageOf = (err: unknown): string =>
  typeof err === 'object' && err !== null && 'message' in err ? String(err.message) : String(err)

/** One JSON line of the log as people read it: `14:05:09 warn  a station was refused stationId=X`. */
export const humanLine = (json: string, times: Times, paint: Terminal['paint']): string => {
  // Parsed texts only: what a station said must not steer the terminal.
  const line = JSON.parse(json, (_, value: unknown) =>
    typeof value === 'string' ? withoutEscapes(value) : value,
  ) as Readonly<Record<string, unknown>>
  const level = String(line['level'])
  const style = STYLES[level]
  const word = level.padEnd(5)
  const time = paint('dim', times.second(String(line['time'])))
  const rest = fields(line)
  return [
    `${time} ${style === undefined ? word : paint(style, word)} ${String(line['msg'])}`,
    ...(rest === '' ? [] : [paint('dim', rest)]),
  ].join(' ')
}

/** Where a log writes its JSON lines, to have them read by people, with the times of the site. */
export const humanLog = (
  { out, paint, now }: Pick<Terminal, 'out' | 'paint' | 'now'>,
  timeZone: string,
): { write(json: string): void } => {
  const times = createTimes(now(), timeZone)
  return { write: (json) => out(humanLine(json, times, paint)) }
}
