import type { Command } from 'commander'
import type { Static } from 'typebox'
import type { NODE } from '../api/resources/node.ts'
import { apiCommand, type ApiOptions } from './options.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { kilowatts, orDash, threeAmps } from './text.ts'

export type Node = Static<typeof NODE>

export const nodesCommand = (terminal: Terminal): Command =>
  apiCommand('nodes', 'the electrical tree: limit, load and headroom per phase').action(
    async (options: ApiOptions) => {
      const { connectApi } = await import('./api/client.ts')
      const { NODE } = await import('../api/resources/node.ts')
      const nodes = await connectApi(options, terminal).list('/v1/nodes', NODE)
      if (options.json) terminal.json(nodes)
      else terminal.out(nodeTable(nodes, terminal))
    },
  )

/** `80 A`, `32/32/40 A`, `20.0 kW`, or both. */
export const limitText = ({ limitA, limitW }: Pick<Node, 'limitA' | 'limitW'>): string => {
  const parts: string[] = []
  if (limitA !== null) {
    const [first, ...others] = limitA
    parts.push(`${others.every((value) => value === first) ? first : threeAmps(limitA)} A`)
  }
  if (limitW !== null) parts.push(kilowatts(limitW))
  return parts.join(', ')
}

/** Whether more flows than may. */
export const isOver = ({ limitA, limitW, now }: Node): boolean =>
  now !== null &&
  (now.loadA.some((loadA, line) => limitA !== null && loadA > limitA[line]) ||
    (limitW !== null && now.loadW > limitW))

/** Parents before children, children indented; currents are L1/L2/L3. */
export const nodeTable = (nodes: readonly Node[], { paint }: Pick<Terminal, 'paint'>): string => {
  const depths = new Map<string, number>()
  const rows = nodes.map((node) => {
    const { id, name, parentId, now } = node
    const depth = parentId === null ? 0 : (depths.get(parentId) ?? 0) + 1
    depths.set(id, depth)
    const load = orDash(now, ({ loadA }) => threeAmps(loadA))
    return [
      `${'  '.repeat(depth)}${name}`,
      limitText(node),
      isOver(node) ? paint('red', load) : load,
      orDash(now?.headroomA, threeAmps),
      orDash(now?.loadW, kilowatts),
      orDash(now?.evW, kilowatts),
      orDash(now?.eventLimitW, kilowatts),
      now?.problems.map(({ text }) => text).join('; ') ?? '',
    ]
  })
  return table(
    [
      { title: 'NODE' },
      { title: 'LIMIT' },
      { title: 'LOAD A', right: true },
      { title: 'HEADROOM A', right: true },
      { title: 'LOAD', right: true },
      { title: 'VEHICLES', right: true },
      { title: 'EVENT LIMIT', right: true },
      { title: 'ATTENTION' },
    ],
    rows,
  )
}
