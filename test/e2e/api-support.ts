import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'

export interface StreamEvent {
  readonly id: string | null
  readonly event: string
  readonly data: unknown
}

/** A reader of server-sent events that we wrote from the standard, not from the server. */
export interface StreamReader {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** All messages so far. */
  readonly events: readonly StreamEvent[]
  /** The last id, also of blocks without a message. */
  lastId(): string | null
  /** The first message from now on (or already there) that fits; rejects when the stream ends. */
  next(fits: (event: StreamEvent) => boolean): Promise<StreamEvent>
  ended: Promise<void>
  /** Stops reading from the socket, as a client that hangs does. */
  pause(): void
  resume(): void
  close(): void
}

const readBlock = (block: string): { id: string | null; event: string; data: string | null } => {
  let id: string | null = null
  let event = 'message'
  let data: string | null = null
  for (const line of block.split('\n')) {
    if (line.startsWith('id: ')) id = line.slice(4)
    if (line.startsWith('event: ')) event = line.slice(7)
    if (line.startsWith('data: ')) data = line.slice(6)
  }
  return { id, event, data }
}

export const openStream = async (
  port: number,
  secret: string,
  { query = '', lastEventId }: { query?: string; lastEventId?: string } = {},
): Promise<StreamReader> => {
  const asked = request({
    host: '127.0.0.1',
    port,
    path: `/v1/stream${query}`,
    headers: {
      authorization: `Bearer ${secret}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const events: StreamEvent[] = []
  const waiting = new Set<() => void>()
  let lastId: string | null = null
  let rest = ''
  let isOver = false
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const { id, event, data } = readBlock(block)
      lastId = id ?? lastId
      if (data !== null) events.push({ id, event, data: JSON.parse(data) })
    }
    for (const look of waiting) look()
  })
  const ended = new Promise<void>((resolve) => {
    response.on('close', () => {
      isOver = true
      for (const look of waiting) look()
      resolve()
    })
  })
  // A connection that is cut is an end like any other.
  response.on('error', () => {})

  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    lastId: () => lastId,
    next: (fits) =>
      new Promise((resolve, reject) => {
        let seen = 0
        const look = (): void => {
          const found = events.slice(seen).find(fits)
          seen = events.length
          if (!found && !isOver) return
          waiting.delete(look)
          if (found) resolve(found)
          else reject(new Error(`the stream ended after ${events.length} messages`))
        }
        waiting.add(look)
        look()
      }),
    ended,
    pause: () => response.pause(),
    resume: () => response.resume(),
    close: () => asked.destroy(),
  }
}
