import { Type } from 'typebox'
import { AppError } from '../../errors.ts'
import { STREAM_MESSAGE } from '../stream/messages.ts'
import { STREAM_KINDS, type StreamKind } from '../stream/present.ts'
import { object, optional, text } from '../shapes.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

const isKind = (kind: string): kind is StreamKind =>
  (STREAM_KINDS as readonly string[]).includes(kind)

/** Throws `query-invalid`. */
const readKinds = (list: string | undefined): ReadonlySet<StreamKind> | null => {
  if (list === undefined) return null
  const kinds = new Set<StreamKind>()
  for (const kind of list.split(',')) {
    if (!isKind(kind)) {
      const detail = `must list some of ${STREAM_KINDS.join(', ')}, not "${kind}"`
      throw new AppError('query-invalid', `kinds ${detail}`, {
        details: { errors: [{ pointer: 'kinds', detail }] },
      })
    }
    kinds.add(kind)
  }
  return kinds
}

/** No line ends, and no longer than what we give out: it is repeated to the client. */
const LAST_EVENT_ID = Type.String({ pattern: '^[\\w-]{1,64}$' })

export const streamRoutes = (api: Api, { streams }: RouteDeps): void => {
  api.get(
    '/v1/stream',
    {
      config: { access: 'read', problems: ['too-many-requests'] },
      schema: {
        operationId: 'streamChanges',
        tags: ['stream'],
        summary: 'Changes as they happen, as server-sent events',
        description: [
          'One stream of everything that changes. A client that lost its connection names the last id that it saw in the header Last-Event-ID and gets what it missed.',
          'The message `reset` says that this was not possible (restart, too long ago, or the client reads too slowly): read the resources anew.',
          'The message `snapshot` holds the loads of all nodes and all grants, every two seconds. Browsers read the stream with fetch, because EventSource cannot send the token.',
        ].join('\n\n'),
        headers: Type.Object({ 'last-event-id': optional(LAST_EVENT_ID) }),
        querystring: object({
          kinds: optional(text(`separated by commas; all when absent: ${STREAM_KINDS.join(', ')}`)),
        }),
        response: {
          200: {
            description: 'Messages with id, event and data (JSON), until the token ends',
            content: { 'text/event-stream': { schema: STREAM_MESSAGE } },
          },
        },
      },
    },
    (request, reply) => {
      const kinds = readKinds(request.query.kinds)
      const { apiToken } = request
      if (!apiToken) throw new AppError('unauthenticated', 'This needs a bearer token')
      streams.mustHaveRoom()
      reply.hijack()
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
      })
      // HEAD asks whether it would be served: it must not hold a stream.
      if (request.method === 'HEAD') return void reply.raw.end()
      streams.open(reply.raw, {
        kinds,
        lastEventId: request.headers['last-event-id'] ?? null,
        tokenId: apiToken.id,
      })
    },
  )
}
