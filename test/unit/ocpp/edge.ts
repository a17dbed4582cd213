import { expect } from 'vitest'
import { createValidated } from './validated.ts'
import type { CsmsOptions } from '../../../src/csms/options.ts'
import type { Dialect, Protocol, StationLink } from '../../../src/ocpp/dialect.ts'
import { createGateway, type OcppGateway } from '../../../src/ocpp/gateway.ts'
import { dialect16 } from '../../../src/ocpp/v16/from-station.ts'
import { dialect201 } from '../../../src/ocpp/v201/from-station.ts'
import { createReports } from '../../../src/ocpp/v201/reports.ts'
import { seededRandom } from '../../../src/domain/seeded-random.ts'
import type { CommandResult } from '../../../src/ports/station-gateway.ts'
import { createWorld, type World } from '../csms/harness.ts'

/** What a station answers to a CALL: a payload, or a failure of the transport. */
export type Answer = (action: string, payload: object) => object | CommandResult

export interface Edge extends World {
  readonly gateway: OcppGateway
  readonly protocol: Protocol
  /** Our CALLs, all valid against their schemas. */
  readonly sent: { action: string; payload: Record<string, unknown> }[]
  /** A CALL of the station; request and answer are held against their schemas. */
  readonly say: (
    action: string,
    payload: object,
    stationId?: string,
  ) => Promise<Record<string, unknown>>
  /** The same, without waiting: what the handler returned. */
  readonly raw: (action: string, payload: object) => object | Promise<object>
  readonly answerWith: (answer: Answer) => void
}

const isResult = (answer: object): answer is CommandResult => 'ok' in answer

/** The product's edge without sockets: dialect and gateway of one version over one central system. */
export const createEdge = async (
  protocol: Protocol,
  given: Partial<CsmsOptions> = {},
): Promise<Edge> => {
  const world = await createWorld(given)
  const { csms, clock } = world
  const reports = createReports(clock)
  const dialect: Dialect =
    protocol === 'ocpp1.6' ? dialect16(csms, clock) : dialect201(csms, clock, reports)
  const valid = createValidated(protocol)
  const sent: Edge['sent'] = []
  let answer: Answer = () => ({ status: 'Accepted' })

  const gateway = createGateway({
    csms,
    random: seededRandom(2),
    log: world.options.log,
    reports,
    send: async (_, action, payload) => {
      expect(valid.fault(action, 'request', payload)).toBeNull()
      sent.push({ action, payload: payload as Record<string, unknown> })
      const given = answer(action, payload)
      if (isResult(given)) return given
      return { ok: true, response: given }
    },
  })

  const link = (stationId: string): StationLink => ({
    stationId,
    protocol,
    generation: 1,
    remoteAddress: '10.0.0.1',
    connectedAtMs: clock.now(),
    call: () => Promise.reject(new Error('handlers do not call stations')),
    close: () => {},
  })

  const raw = (action: string, payload: object, stationId = 'CP1') => {
    expect(valid.fault(action, 'request', payload)).toBeNull()
    return dialect.handlers[action](payload as never, link(stationId))
  }

  return {
    ...world,
    gateway,
    protocol,
    sent,
    raw,
    say: async (action, payload, stationId) => {
      const response = await raw(action, payload, stationId)
      expect(valid.fault(action, 'response', response)).toBeNull()
      return response as Record<string, unknown>
    },
    answerWith: (next) => {
      answer = next
    },
  }
}
