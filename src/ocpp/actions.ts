import type { Direction, Protocol } from './dialect.ts'
import { ACTIONS_16 } from './payloads16.ts'
import { ACTIONS_201 } from './payloads201.ts'

export const PROTOCOLS = ['ocpp2.0.1', 'ocpp1.6'] as const satisfies readonly Protocol[]

/** Every action that the standard of the version knows, and which side sends its CALL. */
export const ACTIONS: Readonly<Record<Protocol, Readonly<Record<string, Direction>>>> = {
  'ocpp1.6': ACTIONS_16,
  'ocpp2.0.1': ACTIONS_201,
}
