import type { Reading } from '../domain/reading.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { MeterSource } from '../ports/meter-source.ts'
import { createHealth } from '../net/health.ts'
import { createJoin } from './join.ts'
import type { OpcUaEndpoint } from './opcua-endpoint.ts'
import type { OpcUa } from './opcua-load.ts'
import { checkNodeId, type NodeChange } from './opcua-monitor.ts'
import { sampleOf } from './opcua-value.ts'
import type { Scale, CurrentScale } from './quantity.ts'
import { partsOf, planSlots, type Phased, type ValueMap } from './slots.ts'

export interface NodeAddress {
  readonly nodeId: string
}

/** A node whose value is an array of three, or one node per phase. */
export interface NodePhaseAddress {
  readonly nodeId: string | Phased
}

export interface OpcUaMeterOptions {
  readonly id: string
  readonly values: ValueMap<NodeAddress, NodePhaseAddress>
  /**
   * What an unchanged value means. `holds` (the default): the server says with every keep-alive
   * that the value is still so, the reading stays fresh. `ages`: only a new source timestamp makes
   * it fresh; for servers that stamp every sample and go on serving a dead device's last value.
   */
  readonly unchanged?: 'holds' | 'ages'
  /** With `unchanged: ages`: values further apart than this do not make one reading; 5. */
  readonly joinWindowS?: number
}

const JOIN_WINDOW_S = 5

/**
 * A meter whose values are nodes of an OPC UA server.
 *
 * Status codes become quality (the worst of the vital values counts), source timestamps become
 * `measuredAtMs`.
 *
 * @throws AppError `config-invalid`: a node id or a unit that does not fit
 */
export const createOpcUaMeter = (
  options: OpcUaMeterOptions,
  endpoint: OpcUaEndpoint,
  { clock, log: parentLog }: { clock: Clock; log: Log },
): MeterSource => {
  const log = parentLog.child({ meterId: options.id })
  const values: Partial<Record<string, NodePhaseAddress & (Scale | CurrentScale)>> = options.values
  const plan = planSlots(`meters/${options.id}/values`, options.values, (quantity) =>
    partsOf(values[quantity]?.nodeId ?? [null, null, null]),
  )
  plan.addresses.forEach((nodeId, slot) => {
    checkNodeId(`meters/${options.id}/values/${plan.slots[slot].quantity}/nodeId`, nodeId)
  })
  const holds = (options.unchanged ?? 'holds') === 'holds'
  const join = createJoin({
    meterId: options.id,
    slots: plan.slots,
    currentAsPower: plan.currentAsPower,
    // What holds, holds together.
    windowMs: holds ? Infinity : (options.joinWindowS ?? JOIN_WINDOW_S) * 1000,
  })
  const state = createHealth(clock)
  let accept: ((reading: Reading) => void) | null = null
  let leave = async (): Promise<void> => {}
  let refused: string | null = null
  let wrong: string | null = null
  let readings = 0

  const note = (now: string | null): void => {
    if (now !== null && wrong === null) log.warn({ wrong: now }, 'a node of the meter is of no use')
    if (now === null && wrong !== null) log.info({}, 'the nodes of the meter are fine again')
    wrong = now
  }

  const take = ({ index, data }: NodeChange, receivedAtMs: number, opcua: OpcUa): string | null => {
    const sample = sampleOf(opcua, data, plan.slots[index])
    const atMs = sample.atMs ?? receivedAtMs
    join.put(index, sample.value, atMs, sample.quality, sample.isHeld)
    return sample.wrong === null ? null : `node ${plan.addresses[index]}: ${sample.wrong}`
  }

  const published = (changes: readonly NodeChange[], receivedAtMs: number, opcua: OpcUa): void => {
    if (!accept) return
    // What changed has a time of its own, everything else is as fresh as this response.
    if (holds) join.confirm(receivedAtMs)
    const faults = changes.map((change) => take(change, receivedAtMs, opcua))
    if (faults.length > 0) note(faults.find((fault) => fault !== null) ?? null)
    if (!holds && changes.length === 0) return
    const reading = join.reading(receivedAtMs)
    if (!reading) return
    readings += 1
    accept(reading)
  }

  const trouble = (): string | null => {
    const link = endpoint.health()
    if (!link.ok) return link.detail
    if (refused !== null) return refused
    if (wrong !== null) return wrong
    const missing = join.missing()
    if (missing.length > 0) return `waiting for ${missing.join(', ')}`
    return readings === 0 ? 'waiting for the first reading' : null
  }

  return {
    id: options.id,
    async start(acceptReading) {
      accept = acceptReading
      leave = endpoint.listen(
        { nodeIds: plan.addresses, everyTimestamp: !holds },
        {
          published,
          monitored() {
            refused = null
            join.clear()
          },
          refused(reason) {
            if (refused === null) log.warn({ reason }, 'a node of the meter cannot be monitored')
            refused = reason
          },
        },
      )
    },
    health() {
      if (accept) {
        const detail = trouble()
        state.set(detail === null, detail ?? `${readings} readings`)
      }
      return state.get()
    },
    async stop() {
      accept = null
      await leave()
      leave = async () => {}
      state.set(false, 'stopped')
    },
  }
}
