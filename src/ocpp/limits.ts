/** Bounds of the OCPP edge. Reaching one is counted and logged. */
export interface OcppLimits {
  /** Stations connected at once; one process ends near 20,000 descriptors. */
  readonly maxConnections: number
  /** Connections of unknown stations. */
  readonly maxQuarantined: number
  /** Inbound frames above are answered with close 1009. */
  readonly maxFrameBytes: number
  /** A station that reads so slowly that more than this waits in the process is cut off. */
  readonly maxUnsentBytes: number
  /** Our CALLs waiting for one station, apart from the one on the wire. */
  readonly maxWaitingCalls: number
  /** CALLs of one station being handled at once; more of them stay in its socket. */
  readonly maxOpenHandlers: number
  /** Messages of one station per second in the long run; above, its line is read slowly. */
  readonly messagesPerS: number
  /** Messages beyond that, for what a station kept through an outage. */
  readonly burstMessages: number
  /** Answers remembered per connection for repeated CALLs. */
  readonly rememberedAnswers: number
  /** How long; below the shortest heartbeat interval, since an old answer tells an old time. */
  readonly rememberMs: number
  readonly callTimeoutMs: number
  /** A CALL that waited longer behind others is not sent any more. */
  readonly waitTimeoutMs: number
  /** Time between pings of a connection without traffic, give or take a tenth. */
  readonly pingIntervalMs: number
  /** Silence after which a station that answers pings is taken for gone. */
  readonly silenceMs: number
  /** The same for a station that was never seen to answer a ping. */
  readonly unprovenSilenceMs: number
  /** Password hashes computed at once, and waiting. */
  readonly maxHashesRunning: number
  readonly maxHashesWaiting: number
  /** Time for a connection to finish its answers and its closing handshake at a stop. */
  readonly stopGraceMs: number
}

export const DEFAULT_LIMITS: OcppLimits = {
  maxConnections: 20_000,
  maxQuarantined: 100,
  maxFrameBytes: 256 * 1024,
  maxUnsentBytes: 1024 * 1024,
  maxWaitingCalls: 32,
  maxOpenHandlers: 16,
  messagesPerS: 100,
  burstMessages: 20_000,
  rememberedAnswers: 8,
  rememberMs: 8_000,
  callTimeoutMs: 30_000,
  waitTimeoutMs: 60_000,
  pingIntervalMs: 30_000,
  silenceMs: 120_000,
  unprovenSilenceMs: 900_000,
  maxHashesRunning: 2,
  maxHashesWaiting: 20_000,
  stopGraceMs: 3_000,
}
