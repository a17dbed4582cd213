/**
 * What Busbar stores, as data: the one place that names tables and columns. Adapters derive their
 * upserts and queries from it, and a test holds their migrations against it.
 *
 * `text`, `integer` (53 bit; times are milliseconds UTC), `real`, `json` (any JSON value). A row with
 * the key of an existing row replaces it; `key: []` = append only, the adapter numbers the rows.
 * All columns but the key, and the time of packed rows, may be null.
 */
export const TABLES = {
  station: {
    key: ['stationId'],
    columns: {
      stationId: 'text',
      /** known (configured) | adopted | quarantined | removed */
      state: 'text',
      protocol: 'text',
      vendor: 'text',
      model: 'text',
      firmware: 'text',
      serialNumber: 'text',
      passwordHash: 'text',
      bootedAtMs: 'integer',
      lastSeenAtMs: 'integer',
      capability: 'json',
      createdAtMs: 'integer',
    },
  },
  evse: {
    key: ['stationId', 'evseId'],
    columns: {
      stationId: 'text',
      evseId: 'integer',
      status: 'text',
      statusAtMs: 'integer',
      errorCode: 'text',
    },
  },
  session: {
    key: ['id'],
    index: [['endedAtMs'], ['stationId', 'connectedAtMs']],
    columns: {
      id: 'text',
      stationId: 'text',
      evseId: 'integer',
      transactionId: 'text',
      idToken: 'text',
      connectedAtMs: 'integer',
      startedAtMs: 'integer',
      endedAtMs: 'integer',
      energyWh: 'real',
      need: 'json',
      priority: 'real',
    },
  },
  transaction: {
    key: ['stationId', 'transactionId'],
    index: [['endedAtMs'], ['startedAtMs']],
    columns: {
      stationId: 'text',
      transactionId: 'text',
      evseId: 'integer',
      connectorId: 'integer',
      sessionId: 'text',
      idToken: 'text',
      startedAtMs: 'integer',
      meterStartWh: 'real',
      endedAtMs: 'integer',
      meterStopWh: 'real',
      stopReason: 'text',
      seqNo: 'integer',
      gaps: 'json',
      state: 'text',
    },
  },
  /** Driver identifications (RFID and the like). */
  idToken: {
    key: ['idToken'],
    columns: {
      idToken: 'text',
      type: 'text',
      /** accepted | blocked */
      state: 'text',
      groupId: 'text',
      expiresAtMs: 'integer',
      note: 'text',
    },
  },
  /** Bearer tokens of the API, hashed. */
  apiToken: {
    key: ['id'],
    columns: {
      id: 'text',
      hash: 'text',
      label: 'text',
      scopes: 'json',
      createdAtMs: 'integer',
      expiresAtMs: 'integer',
      revokedAtMs: 'integer',
    },
  },
  /** One row per OCPP meter value set; `values` is `[measurand, phase, unit, value][]`. */
  sample: {
    key: [],
    index: [['receivedAtMs']],
    lateIndex: ['stationId', 'measuredAtMs'],
    columns: {
      stationId: 'text',
      evseId: 'integer',
      transactionId: 'text',
      measuredAtMs: 'integer',
      receivedAtMs: 'integer',
      context: 'text',
      values: 'json',
    },
  },
  /** One row per reading of a site meter that was kept. */
  reading: {
    key: [],
    index: [['meterId', 'measuredAtMs'], ['receivedAtMs']],
    columns: {
      meterId: 'text',
      measuredAtMs: 'integer',
      receivedAtMs: 'integer',
      quality: 'text',
      values: 'json',
    },
  },
  event: {
    key: ['authority', 'eventId'],
    index: [['endMs']],
    columns: {
      authority: 'text',
      eventId: 'text',
      modification: 'integer',
      state: 'text',
      /** The GridEvent. */
      document: 'json',
      /** Random draws and references that must survive a restart. */
      memory: 'json',
      startMs: 'integer',
      endMs: 'integer',
      updatedAtMs: 'integer',
    },
  },
  eventTransition: {
    key: [],
    index: [['eventId', 'atMs']],
    columns: {
      authority: 'text',
      eventId: 'text',
      modification: 'integer',
      state: 'text',
      atMs: 'integer',
      code: 'text',
      reason: 'text',
      committed: 'json',
    },
  },
  /** One row per change of a grant. */
  grant: {
    key: [],
    packed: ['key', 'atMs'],
    columns: { key: 'text', atMs: 'integer', limitA: 'real', reasons: 'json' },
  },
  plan: {
    key: [],
    packed: ['id', 'createdAtMs'],
    columns: { id: 'text', createdAtMs: 'integer', document: 'json' },
  },
  /** What was forecast, and once it is known, what came; see the record of the same shape. */
  forecast: {
    key: ['kind', 'subject', 'madeAtMs', 'leadS'],
    index: [['madeAtMs']],
    columns: {
      /** load | pv | departure | energy */
      kind: 'text',
      /** Node, load or session. */
      subject: 'text',
      madeAtMs: 'integer',
      leadS: 'integer',
      /** `[level, value][]` */
      quantiles: 'json',
      baseline: 'real',
      actual: 'real',
    },
  },
  profile: {
    key: ['stationId', 'evseId', 'purpose'],
    columns: {
      stationId: 'text',
      evseId: 'integer',
      purpose: 'text',
      desired: 'json',
      sent: 'json',
      reported: 'json',
      verified: 'json',
    },
  },
  /** Every OCPP frame in either direction, kept for a while. */
  message: {
    key: [],
    packed: ['stationId', 'atMs'],
    columns: {
      stationId: 'text',
      atMs: 'integer',
      /** in | out */
      direction: 'text',
      /** call | result | error */
      kind: 'text',
      action: 'text',
      messageId: 'text',
      text: 'text',
    },
  },
  /** Configuration keys (1.6) and device model variables (2.x). */
  variable: {
    key: ['stationId', 'component', 'variable', 'attribute'],
    columns: {
      stationId: 'text',
      /** `Component[.instance][@evse[/connector]]`; empty for 1.6. */
      component: 'text',
      variable: 'text',
      attribute: 'text',
      value: 'text',
      readonly: 'integer',
      updatedAtMs: 'integer',
    },
  },
  /** Numbers that must never be given out twice (OCPP 1.6 transaction ids). */
  counter: {
    key: ['name'],
    columns: { name: 'text', value: 'integer' },
  },
  /** What was learned of vehicles (`vehicle`) and of station models (`ends-at-zero`). */
  trait: {
    key: ['kind', 'subject'],
    columns: { kind: 'text', subject: 'text', document: 'json', updatedAtMs: 'integer' },
  },
  audit: {
    key: [],
    index: [['atMs']],
    columns: {
      atMs: 'integer',
      actor: 'text',
      action: 'text',
      target: 'text',
      detail: 'json',
    },
  },
} as const satisfies Record<string, TableSpec>

export type ColumnType = 'text' | 'integer' | 'real' | 'json'

export interface TableSpec {
  readonly key: readonly string[]
  /**
   * Rows come in great numbers, are much alike and are seldom read: what comes within a moment is
   * stored together, compressed. First the column that they are looked up by, then the time.
   */
  readonly packed?: readonly [key: string, time: string]
  /**
   * Committed rows come in great numbers and in no order of this index: it may lag behind, so that
   * a page of it takes many rows at once. First the column that is asked for, then the time.
   */
  readonly lateIndex?: readonly [equal: string, range: string]
  readonly index?: readonly (readonly string[])[]
  readonly columns: Readonly<Record<string, ColumnType>>
}

export type TableName = keyof typeof TABLES

type Value<C> = C extends 'text' ? string : C extends 'json' ? unknown : number

type Columns<T extends TableName> = (typeof TABLES)[T]['columns']
type PackedTime<T extends TableName> = (typeof TABLES)[T] extends {
  readonly packed: readonly [string, infer C]
}
  ? C
  : never
type Required<T extends TableName> = (typeof TABLES)[T]['key'][number] | PackedTime<T>

/** A row of a table; everything but the key, and the time of packed rows, may be null. */
export type Row<T extends TableName> = {
  readonly [C in keyof Columns<T>]: C extends Required<T>
    ? Value<Columns<T>[C]>
    : Value<Columns<T>[C]> | null
}
