import { pino, type DestinationStream } from 'pino'
import type { Log } from '../ports/log.ts'

/** Keys whose values never reach a log. */
const SECRETS = ['password', 'authorization', 'token', 'secret', 'key', 'cert', 'idToken']

/** JSON lines, one object per change of state; on standard output without a destination. */
export const createLog = (
  level: string,
  destination: DestinationStream = pino.destination(),
): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
    },
    destination,
  )
