import { barScale, layBar, type BarScale, type Span } from '../drawing/bar.ts'
import { useDashboard } from '../dashboard.ts'
import type { GridEvent } from '../wire.ts'
import {
  branchesOf,
  eventBar,
  phaseBars,
  powerBar,
  type Branch,
  type NodeBar,
} from '../words/tree.ts'
import { Key, Panel, Value } from './parts.tsx'

/** The electrical tree as nested lists, each node with a bar per phase. */
export const Tree = () => {
  const { store } = useDashboard()
  return (
    <Panel id="tree" title="Electrical tree" aside={<Legend />}>
      <ul class="branches">
        {branchesOf(store.nodes.value).map((branch) => (
          <BranchItem key={branch.node.id} branch={branch} />
        ))}
      </ul>
    </Panel>
  )
}

const Legend = () => (
  <p class="legend">
    <Key kind="load">uncontrolled</Key>
    <Key kind="ev">vehicles</Key>
    <Key kind="reserve">allowed</Key>
    <span class="key">
      <i class="tick limit" /> limit
    </span>
    <span class="key">
      <i class="tick margin" /> margin
    </span>
  </p>
)

const BranchItem = ({ branch: { node, children } }: { branch: Branch }) => {
  const { store, format } = useDashboard()
  const { now } = node
  const events = (now?.eventIds ?? []).flatMap((id) => findEvent(store.events.all(), id))
  const phases = phaseBars(node, format.value)
  const power = [powerBar(node, format.value), eventBar(node, events, format.value)]
  const scale = barScale(phases.map(({ values }) => values))
  return (
    <li>
      <div class="node">
        <h3>
          {node.name}
          <span class="load">
            <Value text={format.value.power(now?.loadW)} />
          </span>
        </h3>
        {phases.length === 0 && <p class="help">No data yet.</p>}
        {phases.map((bar) => (
          <BarRow key={bar.label} bar={bar} scale={scale} />
        ))}
        {power.map(
          (bar) => bar && <BarRow key={bar.label} bar={bar} scale={barScale([bar.values])} />,
        )}
        {events.map((event) => (
          <p key={event.id} class="note event">
            Limited by event {event.id}
          </p>
        ))}
        {now?.problems.map((problem) => (
          <p key={problem.text} class="note warn">
            {problem.text}
          </p>
        ))}
      </div>
      {children.length > 0 && (
        <ul>
          {children.map((child) => (
            <BranchItem key={child.node.id} branch={child} />
          ))}
        </ul>
      )}
    </li>
  )
}

/** Nodes name their events without or with the authority in front. */
const findEvent = (events: readonly GridEvent[], id: string): GridEvent[] =>
  events.filter((event) => event.id === id || event.eventId === id).slice(0, 1)

const BarRow = ({ bar, scale }: { bar: NodeBar; scale: BarScale }) => {
  const laid = layBar(bar.values, scale)
  return (
    <div class={bar.isOver ? 'bar-row over' : 'bar-row'}>
      <span class="label" aria-hidden="true">
        {bar.label}
      </span>
      <svg class="meter" role="img" aria-label={bar.alternative}>
        <Piece kind="pv" span={laid.surplus} />
        <Piece kind="load" span={laid.base} />
        <Piece kind="ev" span={laid.ev} />
        <Piece kind="reserve" span={laid.reserve} />
        <Piece kind="over" span={laid.over} />
        {laid.zero > 0 && <Tick kind="zero" at={laid.zero} />}
        {laid.marginAt !== null && <Tick kind="margin" at={laid.marginAt} />}
        {laid.limitAt !== null && <Tick kind="limit" at={laid.limitAt} />}
      </svg>
      <span class="figure" aria-hidden="true">
        {bar.load}
      </span>
      <span class={bar.isShort ? 'left short' : 'left'} aria-hidden="true">
        {bar.left}
      </span>
    </div>
  )
}

const Piece = ({ kind, span: { from, to } }: { kind: string; span: Span }) =>
  to > from ? (
    <rect class={`fill-${kind}`} x={`${from}%`} width={`${to - from}%`} height="100%" />
  ) : null

const Tick = ({ kind, at }: { kind: string; at: number }) => (
  <line class={`tick-${kind}`} x1={`${at}%`} x2={`${at}%`} y1="0" y2="100%" />
)
