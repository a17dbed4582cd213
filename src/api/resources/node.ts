import { Type, type Static } from 'typebox'
import type { NodeView } from '../../control/view.ts'
import type { Node } from '../../domain/site.ts'
import { rounded, roundedPhases } from '../rounded.ts'
import { named, nullable, number, perPhase, text } from '../shapes.ts'
import type { Words } from '../words.ts'
import { presentReason, REASON } from './reason.ts'

const NODE_STATE = named('NodeState', 'Loads at a node as the last control tick saw them', {
  loadA: perPhase('everything that flows, amperes'),
  loadW: number('everything that flows'),
  uncontrolledA: perPhase('what Busbar does not steer, amperes'),
  uncontrolledW: number('what Busbar does not steer'),
  evA: perPhase('vehicles, amperes'),
  evW: number('vehicles'),
  mayDrawA: perPhase('the most that vehicles may draw by the limits they accepted, amperes'),
  headroomA: nullable(perPhase('left below the limit if every vehicle draws what it may, amperes')),
  eventLimitW: nullable(number('the tightest limit of an event here; null = none')),
  eventIds: Type.Array(text()),
  problems: Type.Array(REASON),
})

export const NODE = named('Node', 'A point of the electrical tree', {
  id: text(),
  name: text(),
  parentId: nullable(text('null for the grid connection')),
  limitA: nullable(perPhase('rated current, amperes')),
  limitW: nullable(number('import limit')),
  margin: number('part of the limit that is never given out'),
  meterId: nullable(text()),
  now: nullable(NODE_STATE),
})

export const presentNode = (
  node: Node,
  view: NodeView | undefined,
  words: Words,
): Static<typeof NODE> => {
  const { id, name, parentId, limitA, limitW, margin, meterId } = node
  const now = view ? presentNodeState(view, words) : null
  return { id, name, parentId, limitA, limitW, margin, meterId, now }
}

const presentNodeState = (view: NodeView, words: Words): Static<typeof NODE_STATE> => ({
  loadA: roundedPhases(view.loadA),
  loadW: rounded(view.loadW),
  uncontrolledA: roundedPhases(view.uncontrolledA),
  uncontrolledW: rounded(view.uncontrolledW),
  evA: roundedPhases(view.evseA),
  evW: rounded(view.evseW),
  mayDrawA: roundedPhases(view.mayDrawA),
  headroomA: view.headroomA && roundedPhases(view.headroomA),
  eventLimitW: view.eventLimitW,
  eventIds: [...view.eventIds],
  problems: view.problems.map((reason) => presentReason(reason, words)),
})
