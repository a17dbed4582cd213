import type { Quality, Reading } from '../domain/reading.ts'
import { AppError } from '../errors.ts'
import type { Message } from './broker.ts'
import { createJoin } from './join.ts'
import { parsePayload, valueFor, type Decimal } from './payload.ts'
import { compilePointer, type Pointer } from './pointer.ts'
import { worst } from './quantity.ts'
import { planSlots, type Part, type Phased, type ValueMap } from './slots.ts'
import { compileTime, type TimeOptions } from './timestamp.ts'

/** Where a single number is: by default the whole payload of the meter's topic. */
export interface MqttAddress {
  readonly topic?: string
  /** JSON pointer (RFC 6901); empty = the whole payload. */
  readonly pointer?: string
}

/** Where three are: in an array of three, or one address per phase. */
export interface MqttPhaseAddress {
  readonly topic?: string | Phased
  readonly pointer?: string | Phased
}

export interface MqttQuality {
  /** The meter's topic by default; another one where availability is published apart. */
  readonly topic?: string
  readonly pointer?: string
  /** Values that mean good; all that are in neither list mean bad. */
  readonly good: readonly (string | number | boolean)[]
  readonly uncertain?: readonly (string | number | boolean)[]
}

export interface MqttMeterOptions {
  readonly id: string
  /** Topic of every address that names none. */
  readonly topic?: string
  readonly values: ValueMap<MqttAddress, MqttPhaseAddress>
  /** Where each payload says when it was measured; without it the time of receipt counts. */
  readonly time?: TimeOptions & { readonly pointer: string }
  readonly quality?: MqttQuality
  /** Values from several messages make one reading when they are no further apart; 5. */
  readonly joinWindowS?: number
  /**
   * Uses what the broker keeps although its age is unknown. Off: a payload without time counts
   * only when it is published while we listen.
   */
  readonly acceptRetained?: boolean
  /** Larger payloads are broken; 65 536. */
  readonly maxPayloadBytes?: number
  /** The decimal sign of numbers that come as text; without it only unambiguous ones are taken. */
  readonly decimal?: Decimal
}

/** What is read from the messages of one topic. */
interface Route {
  readonly values: { readonly slot: number; readonly read: Pointer }[]
  quality: Pointer | null
}

interface Address {
  readonly topic: string
  readonly pointer: string
}

const JOIN_WINDOW_S = 5
const MAX_PAYLOAD_BYTES = 65_536

const checkTopic = (where: string, topic: string | undefined): string => {
  if (topic === undefined || topic === '') {
    throw new AppError('config-invalid', `${where} has no topic; set one here or for the meter`)
  }
  if (/[+#\0]/.test(topic)) {
    throw new AppError(
      'config-invalid',
      `${where}: topic "${topic}" must name one topic; "+" and "#" would mix several meters`,
    )
  }
  return topic
}

const ofPhase = (text: string | Phased | undefined, phase: 0 | 1 | 2): string | null | undefined =>
  typeof text === 'object' ? text[phase] : text

const partsOf = (where: string, address: MqttPhaseAddress, topic?: string): Part<Address>[] => {
  if (typeof address.topic !== 'object' && typeof address.pointer !== 'object') {
    const own = checkTopic(where, address.topic ?? topic)
    return [{ phase: null, address: { topic: own, pointer: address.pointer ?? '' } }]
  }
  return ([0, 1, 2] as const).flatMap((phase) => {
    const at = ofPhase(address.topic, phase)
    const pointer = ofPhase(address.pointer, phase)
    if (at === null || pointer === null) return []
    const own = checkTopic(where, at ?? topic)
    return [{ phase, address: { topic: own, pointer: pointer ?? '' } }]
  })
}

const judge = (value: unknown, { good, uncertain = [] }: MqttQuality): Quality => {
  if (good.includes(value as string)) return 'good'
  return uncertain.includes(value as string) ? 'uncertain' : 'bad'
}

const quote = (value: unknown): string => JSON.stringify(value).slice(0, 80)

/** Milliseconds UTC by the document, or why there are none. */
const compileTimeAt = (
  where: string,
  time: NonNullable<MqttMeterOptions['time']>,
): ((document: unknown) => number | string) => {
  const at = compilePointer(`${where}/time/pointer`, time.pointer)
  const parse = compileTime(`${where}/time`, time)
  return (document) => {
    const value = at(document)
    return value === undefined ? 'it has no time; check time/pointer' : parse(value)
  }
}

export interface ReadOutcome {
  readonly reading: Reading | null
  /** Why the message, or a part of it, cannot be used. */
  readonly wrong: string | null
}

/** Turns the messages of one meter into readings; does no input or output of its own. */
export interface MqttReader {
  readonly topics: readonly string[]
  read(message: Message): ReadOutcome
  /** Vital values that have not come, or not together with the others. */
  missing(): readonly string[]
}

/** @throws AppError `config-invalid`: no topic, a bad pointer, a unit that does not fit */
export const createMqttReader = (options: MqttMeterOptions): MqttReader => {
  const where = `meters/${options.id}`
  const { values, quality, maxPayloadBytes = MAX_PAYLOAD_BYTES } = options
  const plan = planSlots(`${where}/values`, values, (quantity) =>
    partsOf(`${where}/values/${quantity}`, values[quantity] ?? {}, options.topic),
  )
  const join = createJoin({
    meterId: options.id,
    slots: plan.slots,
    currentAsPower: plan.currentAsPower,
    windowMs: (options.joinWindowS ?? JOIN_WINDOW_S) * 1000,
  })
  const routes = new Map<string, Route>()
  const routeOf = (topic: string): Route => {
    const route = routes.get(topic) ?? { values: [], quality: null }
    routes.set(topic, route)
    return route
  }
  plan.addresses.forEach(({ topic, pointer }, slot) => {
    const { quantity } = plan.slots[slot]
    routeOf(topic).values.push({
      slot,
      read: compilePointer(`${where}/values/${quantity}/pointer`, pointer),
    })
  })
  if (quality) {
    const topic = checkTopic(`${where}/quality`, quality.topic ?? options.topic)
    routeOf(topic).quality = compilePointer(`${where}/quality/pointer`, quality.pointer ?? '')
  }
  const timeOf = options.time && compileTimeAt(where, options.time)

  /** What the meter says about itself; unknown until it says so. */
  let stated: Quality = quality ? 'uncertain' : 'good'

  const readingAt = (receivedAtMs: number): Reading | null => {
    const reading = join.reading(receivedAtMs)
    return reading && { ...reading, quality: worst(reading.quality, stated) }
  }

  /** Puts what the document has into the join; says what is wrong with it. */
  const readValues = (route: Route, document: unknown, atMs: number): string | null => {
    let found = 0
    let wrong: string | null = null
    for (const { slot, read } of route.values) {
      const raw = read(document)
      if (raw === undefined) continue
      found += 1
      const value = valueFor(plan.slots[slot], raw, options.decimal)
      if (typeof value === 'string') wrong = `${plan.slots[slot].quantity}: ${value}`
      else if (value !== null) join.put(slot, value, atMs, 'good')
    }
    return (
      wrong ??
      (found === 0 ? `${quote(document)} has none of the values; check the pointers` : null)
    )
  }

  return {
    topics: [...routes.keys()],
    read(message) {
      const nothing = (wrong: string | null): ReadOutcome => ({ reading: null, wrong })
      const route = routes.get(message.topic)
      if (!route) return nothing(null)
      const { length } = message.payload
      if (length > maxPayloadBytes)
        return nothing(`${length} bytes are more than ${maxPayloadBytes}`)
      const document = parsePayload(message.payload)
      if (quality && route.quality) stated = judge(route.quality(document), quality)
      if (route.values.length === 0) {
        // Availability on a topic of its own: that it went is news, that it came brings no value.
        return { reading: stated === 'bad' ? readingAt(message.receivedAtMs) : null, wrong: null }
      }
      if (message.retained && !timeOf && !options.acceptRetained) return nothing(null)
      const atMs = timeOf ? timeOf(document) : message.receivedAtMs
      if (typeof atMs === 'string') return nothing(atMs)
      const wrong = readValues(route, document, atMs)
      return { reading: wrong === null ? readingAt(message.receivedAtMs) : null, wrong }
    },
    missing: () => join.missing(),
  }
}
