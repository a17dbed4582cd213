import type { Wiring } from '../../../domain/wiring.ts'
import { evenly } from '../../../domain/phases.ts'
import { lineCurrent } from '../../../domain/wiring.ts'
import { AppError } from '../../../errors.ts'
import type { Network, NetworkEvse, NetworkNode } from './network.ts'

/**
 * The network description of the ACN studies as JSON: line-to-line EVSEs in the phase groups AB, BC
 * and CA, pods with a common current limit, and a transformer (delta to wye) whose lines are limited
 * at both sides. The file may hold one network, or one per name.
 */
interface AcnFile {
  readonly voltage: number
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly pods?: Readonly<Record<string, { members: readonly string[]; limitA: number }>>
  readonly lines?: Readonly<Record<string, string | Readonly<Record<string, number>>>>
  readonly limits: { readonly primary: string; readonly secondary: string }
  readonly defaultCapKW: number
}

const WIRING: Readonly<Record<string, Wiring>> = { AB: 'L1L2', BC: 'L2L3', CA: 'L3L1' }
const SECONDARY: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'Secondary A': { AB: 1, CA: -1 },
  'Secondary B': { BC: 1, AB: -1 },
  'Secondary C': { CA: 1, BC: -1 },
}
const PRIMARY = { 'Primary A': '(SecA-SecC)', 'Primary B': '(SecB-SecA)', 'Primary C': '(SecC-SecB)' } // prettier-ignore
const EVSE_MAX_A = 32
const EVSE_MIN_A = 6

const bad = (name: string, where: string, what: string): never => {
  throw new AppError('payload-invalid', `${name}: ${where} ${what}`)
}

/** Line-to-neutral volts of a side, from "cap_kW*1000/3/120 A". */
const voltsOf = (name: string, side: 'primary' | 'secondary', text: unknown): number => {
  const match = /^cap_kW\*1000\/3\/(\d+(?:\.\d+)?) A$/.exec(String(text))
  if (match) return Number(match[1])
  return bad(name, `limits.${side}`, 'must read like "cap_kW*1000/3/120 A"')
}

/** The turns ratio in "(SecA-SecC)/4", the same for the three lines; checks both sides' lines. */
const ratioOf = (name: string, lines: NonNullable<AcnFile['lines']>): number => {
  for (const [line, groups] of Object.entries(SECONDARY)) {
    const given = lines[line]
    const same =
      typeof given === 'object' &&
      ['AB', 'BC', 'CA'].every((group) => (given[group] ?? 0) === (groups[group] ?? 0))
    if (!same) bad(name, `lines."${line}"`, `must be ${JSON.stringify(groups)}`)
  }
  const ratios = Object.entries(PRIMARY).map(([line, difference]) => {
    const text = lines[line]
    const given = typeof text === 'string' ? text.replaceAll(' ', '') : ''
    const ratio = given.startsWith(`${difference}/`)
      ? Number(given.slice(difference.length + 1))
      : 0
    return ratio > 0 ? ratio : bad(name, `lines."${line}"`, `must read like "${difference}/4"`)
  })
  if (new Set(ratios).size > 1)
    bad(name, 'lines', 'must have one ratio for the three primary lines')
  return ratios[0]
}

const networkIn = (name: string, json: unknown): AcnFile => {
  const isNetwork = (value: unknown): value is AcnFile =>
    typeof value === 'object' && value !== null && 'groups' in value && 'limits' in value
  if (isNetwork(json)) return json
  const found =
    typeof json === 'object' && json !== null ? Object.values(json).filter(isNetwork) : []
  if (found.length === 1) return found[0]
  return bad(
    name,
    'the file',
    `must hold one network with "groups" and "limits", not ${found.length}`,
  )
}

/**
 * Reads a network description.
 *
 * @param capacityKw of the transformer; `null` = what the file says
 * @throws AppError `payload-invalid` with the place in the file
 */
export const networkFromAcn = (name: string, json: unknown, capacityKw: number | null): Network => {
  const file = networkIn(name, json)
  const { voltage, groups, pods = {}, lines = {} } = file
  if (!(voltage > 0)) bad(name, 'voltage', 'must be the volts between two lines, like 208')
  const kw = capacityKw ?? file.defaultCapKW
  if (!(kw > 0)) bad(name, 'defaultCapKW', 'must be above 0, or give a capacity')
  const perLineA = (side: 'primary' | 'secondary') =>
    evenly((kw * 1000) / 3 / voltsOf(name, side, file.limits[side]))
  const nodes: NetworkNode[] = [
    {
      id: 'primary',
      parent: -1,
      limitA: perLineA('primary'),
      limitW: null,
      deltaRatio: ratioOf(name, lines),
    },
    { id: 'secondary', parent: 0, limitA: perLineA('secondary'), limitW: null, deltaRatio: null },
  ]
  const podOf = new Map<string, number>()
  for (const [pod, { members, limitA }] of Object.entries(pods)) {
    if (!(limitA > 0)) bad(name, `pods."${pod}".limitA`, 'must be above 0')
    for (const id of members) podOf.set(id, nodes.length)
    nodes.push({ id: pod, parent: 1, limitA: evenly(limitA), limitW: null, deltaRatio: null })
  }
  const evses = Object.entries(groups).flatMap(([group, ids]): NetworkEvse[] => {
    const wiring = WIRING[group] ?? bad(name, `groups.${group}`, 'must be AB, BC or CA')
    // The phasors do not depend on the voltage; the watts are those of the file's voltage.
    const line = lineCurrent(wiring, { kind: 'three-phase', voltageV: voltage / Math.sqrt(3) })
    return ids.map((id) => ({
      id,
      stationId: id,
      node: podOf.get(id) ?? 1,
      line,
      wattsPerAmp: voltage,
      minA: EVSE_MIN_A,
      maxA: EVSE_MAX_A,
    }))
  })
  if (evses.length === 0) bad(name, 'groups', 'must name at least one EVSE')
  return { name: `${name}, ${kw} kW`, nodes, evses }
}
