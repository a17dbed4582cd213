import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'

/**
 * A log whose warnings come at most `perSecond` times a second; what was left out is said with the
 * next one. The network decides how often a warning is due, so it must not decide how much is
 * written.
 */
export const quietLog = (log: Log, clock: Clock, perSecond = 20): Log => {
  let second = 0
  let written = 0
  let suppressed = 0
  const warn: Log['warn'] = (fields, message) => {
    const now = Math.floor(clock.now() / 1000)
    if (now !== second) {
      second = now
      written = 0
    }
    if (written >= perSecond) {
      suppressed++
      return
    }
    written++
    log.warn(suppressed > 0 ? { ...fields, suppressed } : fields, message)
    suppressed = 0
  }
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn,
    error: (fields, message) => log.error(fields, message),
    child: (fields) => quietLog(log.child(fields), clock, perSecond),
  }
}
