/** The topic tree of the curtailment profile (section 6.2): `dn` from the utility, `up` to it. */
export interface TopicNames {
  readonly prefix: string
  readonly operator: string
  readonly party: string
  readonly groups: readonly string[]
}

export interface Topics {
  /** Filters; the last level is the event id. */
  readonly events: readonly string[]
  readonly manifest: string
  readonly query: string
  readonly ack: string
  readonly connection: string
  readonly state: string
  readonly ask: string
  event(eventId: string): string
  reading(point: string): string
  /** May we answer there? Only below our own `up`. */
  ownUp(topic: string): boolean
}

/** Whether a name can be one level of a topic. */
export const isLevel = (name: string): boolean => name.length > 0 && !/[/+#\0]/.test(name)

export const topicsOf = ({ prefix, operator, party, groups }: TopicNames): Topics => {
  const own = `${prefix}/${operator}/${party}`
  return {
    events: [
      `${own}/dn/event/+`,
      ...groups.map((group) => `${prefix}/${operator}/group/${group}/dn/event/+`),
    ],
    manifest: `${own}/dn/manifest`,
    query: `${own}/dn/query`,
    ack: `${own}/up/ack`,
    connection: `${own}/up/conn`,
    state: `${own}/up/state`,
    ask: `${own}/up/query`,
    event: (eventId) => `${own}/up/event/${eventId}`,
    reading: (point) => `${own}/up/reading/${point}`,
    // A broker sends those away who use characters that are none (MQTT 5.0, 1.5.4).
    ownUp: (topic) => topic.startsWith(`${own}/up/`) && !/[+#\p{Cc}\p{Cn}\p{Cs}]/u.test(topic),
  }
}
