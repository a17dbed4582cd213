import type {
  ClientMonitoredItemBase,
  ClientMonitoredItemGroup,
  DataValue,
} from 'node-opcua-client'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { messageOf } from '../net/link.ts'
import type { OpcUa } from './opcua-load.ts'
import type { OpcUaSession } from './opcua-session.ts'
import { qualityOf } from './opcua-value.ts'
import { createItemWatch } from './opcua-watch.ts'

export interface NodeChange {
  /** Which of the nodes that were asked for. */
  readonly index: number
  readonly data: DataValue
}

export interface NodesRequest {
  readonly nodeIds: readonly string[]
  /** Reports a value again when only its source timestamp is new. */
  readonly everyTimestamp: boolean
}

export interface NodesListener {
  /** All nodes are monitored from now on; what was known from a former session no longer counts. */
  monitored(): void
  /**
   * A publish response came: these nodes changed, all others are as they were said to be before
   * (OPC 10000-4, 5.14.1: a keep-alive says that there is nothing new).
   */
  published(changes: readonly NodeChange[], receivedAtMs: number, opcua: OpcUa): void
  /** Which node cannot be monitored, and why. */
  refused(reason: string): void
}

const NODE_ID = /^(?:ns=\d+;|nsu=([^;]+);)?[isgb]=.+$/
/** Nodes that do not exist yet (a device that is still starting) are asked for again. */
const RETRY_NODES_MS = 30_000

/**
 * @param where path of the setting, for the message
 * @throws AppError `config-invalid`
 */
export const checkNodeId = (where: string, nodeId: string): void => {
  if (NODE_ID.test(nodeId)) return
  throw new AppError(
    'config-invalid',
    `${where}: "${nodeId}" is no OPC UA node id; write it like nsu=http://vendor/ns;s=Power or ns=2;i=1001`,
  )
}

/** The node id in the numbering of this session. */
const resolve = (nodeId: string, namespaces: readonly string[]): string => {
  const uri = NODE_ID.exec(nodeId)?.[1]
  if (uri === undefined) return nodeId
  const index = namespaces.indexOf(uri)
  if (index < 0)
    throw new Error(`namespace ${uri} is not on the server; it has ${namespaces.join(', ')}`)
  return nodeId.replace(`nsu=${uri}`, `ns=${index}`)
}

const createGroup = (
  { opcua, subscription, namespaces }: OpcUaSession,
  { nodeIds, everyTimestamp }: NodesRequest,
): ClientMonitoredItemGroup =>
  opcua.ClientMonitoredItemGroup.create(
    subscription,
    nodeIds.map((nodeId) => ({
      nodeId: resolve(nodeId, namespaces),
      attributeId: opcua.AttributeIds.Value,
    })),
    {
      samplingInterval: subscription.publishingInterval,
      queueSize: 1,
      discardOldest: true,
      filter: everyTimestamp
        ? new opcua.DataChangeFilter({
            trigger: opcua.DataChangeTrigger.StatusValueTimestamp,
            deadbandType: opcua.DeadbandType.None,
          })
        : null,
    },
    opcua.TimestampsToReturn.Both,
  )

/**
 * Monitors nodes in a session until the returned function is called. When one of them cannot be
 * monitored, none is, and all are tried again later.
 */
export const monitorNodes = (
  session: OpcUaSession,
  request: NodesRequest,
  listener: NodesListener,
  { clock, log }: { clock: Clock; log: Log },
): (() => void) => {
  const { opcua, subscription } = session
  let stop = (): void => {}
  const watch = createItemWatch(request.nodeIds.length, clock, (remakes, unusable) => {
    const nodeIds = unusable.map((index) => request.nodeIds[index])
    log.warn({ nodeIds, remakes }, 'OPC UA nodes have no usable value: they are monitored anew')
    stop()
    attempt()
  })

  const refuse = (reason: string): void => {
    watch.end()
    stop()
    stop = clock.after(RETRY_NODES_MS, attempt)
    listener.refused(reason)
  }

  const deliver = (group: ClientMonitoredItemGroup): (() => void) => {
    let changes: NodeChange[] = []
    let scheduled = false
    let ended = false
    // The library hands over the parts of a response one by one, some turns after announcing it.
    const flush = (): void => {
      scheduled = false
      if (ended) return
      const now = changes
      changes = []
      listener.published(now, clock.now(), opcua)
    }
    const schedule = (): void => {
      if (scheduled || ended) return
      scheduled = true
      setImmediate(flush)
    }
    group.on('changed', (_item: ClientMonitoredItemBase, data: DataValue, index: number) => {
      changes.push({ index, data })
      watch.heard(index, qualityOf(data.statusCode.value) !== 'bad')
      schedule()
    })
    group.on('initialized', () => subscription.on('raw_notification', schedule))
    return () => {
      ended = true
      subscription.off('raw_notification', schedule)
      group.terminate().catch((error: unknown) => {
        log.debug({ err: error }, 'ending the monitoring failed')
      })
    }
  }

  const attempt = (): void => {
    let group: ClientMonitoredItemGroup
    try {
      group = createGroup(session, request)
    } catch (error) {
      refuse(messageOf(error))
      return
    }
    stop = deliver(group)
    group.on('err', refuse)
    group.on('initialized', () => {
      const at = group.monitoredItems.findIndex(({ statusCode }) => !statusCode.isGood())
      if (at < 0) {
        watch.begin()
        listener.monitored()
      } else refuse(`node ${request.nodeIds[at]}: ${group.monitoredItems[at].statusCode.name}`)
    })
  }

  attempt()
  return () => {
    watch.end()
    stop()
  }
}
