import type { MessageInfo } from '../broker.ts'
import type { Topics } from './topics.ts'

/** What can be asked for; `flex` is offered by no one yet and answered as such. */
export interface QueryAnswers {
  readonly states: readonly Record<string, unknown>[]
  readonly readings: readonly Record<string, unknown>[]
  readonly comms: string
}

export type QueryAnswer =
  | {
      readonly ok: true
      readonly topic: string
      readonly query: string
      readonly data: Record<string, unknown>
      readonly correlation: Buffer | null
    }
  | { readonly ok: false; readonly reason: string }

/**
 * Answers `dn/query`. Where to and for whom: the MQTT 5 properties, or the same names in the payload
 * `{"query": "state", "responseTopic": "...", "correlationid": "..."}`, or `up/state`. Answers go
 * below our own `up` only: nobody can use us to write elsewhere.
 */
export const answerQuery = (
  payload: Buffer,
  properties: MessageInfo['properties'],
  topics: Topics,
  answers: QueryAnswers,
): QueryAnswer => {
  const asked = parse(payload)
  if (asked === null) return { ok: false, reason: 'a query is JSON like {"query": "state"}' }
  const topic = properties.responseTopic ?? asked.responseTopic ?? topics.state
  if (!topics.ownUp(topic)) {
    return { ok: false, reason: `the answer to a query cannot go to ${topic}` }
  }
  const correlation =
    properties.correlationData ??
    (asked.correlationid === undefined ? null : Buffer.from(asked.correlationid, 'utf8'))
  return { ok: true, topic, query: asked.query, data: dataOf(asked.query, answers), correlation }
}

const dataOf = (
  query: string,
  { states, readings, comms }: QueryAnswers,
): Record<string, unknown> => {
  switch (query) {
    case 'state':
      return { comms, events: states }
    case 'readings':
      return { readings }
    default:
      return { error: 'unsupported', reason: `ask for state or readings, not ${query}` }
  }
}

interface Asked {
  readonly query: string
  readonly responseTopic?: string
  readonly correlationid?: string
}

const parse = (payload: Buffer): Asked | null => {
  let document: unknown
  try {
    document = JSON.parse(payload.toString('utf8'))
  } catch {
    return null
  }
  if (typeof document !== 'object' || document === null) return null
  const { query, responseTopic, correlationid } = document as Record<string, unknown>
  if (typeof query !== 'string' || query.length > 64) return null
  return {
    query,
    ...(typeof responseTopic === 'string' ? { responseTopic } : {}),
    ...(typeof correlationid === 'string' ? { correlationid } : {}),
  }
}
