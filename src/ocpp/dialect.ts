import type { CommandResult } from '../ports/station-gateway.ts'

export type Protocol = 'ocpp1.6' | 'ocpp2.0.1'

/** Which side sends the CALL of an action. */
export type Direction = 'from-station' | 'to-station' | 'both'

/** One connected station, as handlers see it. */
export interface StationLink {
  readonly stationId: string
  readonly protocol: Protocol
  /** Rises with every authenticated connection of any station; the newest one of a station wins. */
  readonly generation: number
  readonly remoteAddress: string
  readonly connectedAtMs: number
  /** Sends a CALL; validated strictly before it leaves. Never blocks inbound messages. */
  call(action: string, payload: object): Promise<CommandResult>
  close(code: number, reason: string): void
}

/**
 * Answers one CALL of a station. The payload has passed its schema (leniently). Returns the payload
 * of the CALLRESULT; throws an `RpcError` for a CALLERROR. A synchronous return costs no microtask.
 */
export type Handler<Request = never, Response = object> = (
  request: Request,
  link: StationLink,
) => Response | Promise<Response>

/** What the server needs to know of an OCPP version: its name and the actions that it answers. */
export interface Dialect {
  readonly protocol: Protocol
  /** A missing row answers NotSupported; an action that the standard lacks, NotImplemented. */
  readonly handlers: Readonly<Record<string, Handler>>
}

/** The answer without content; this very object is sent as constant text. */
export const EMPTY: Readonly<Record<string, never>> = Object.freeze({})
