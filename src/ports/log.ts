type Write = (fields: object, message: string) => void

/** What pino gives; keys are fixed (`siteId`, `stationId`, `action`, `nodeId`, `eventId`, `err`). */
export interface Log {
  debug: Write
  info: Write
  warn: Write
  error: Write
  child(fields: object): Log
}
