/**
 * What real stations get wrong, as data (lbbrhzn/ocpp#213, #1248, #1576, mobilityhouse/ocpp#128,
 * evcc-io/evcc#10399, #12901, citrineos-core#967). `repair.ts` applies it; each use is counted by
 * its kind.
 */
export const SLIPS = [
  /** A key that the schema does not have: kept and ignored. */
  'extra-key',
  /** A key in other letter case. */
  'key-case',
  /** `null` where a field should be absent. */
  'null',
  /** An empty text where a field should be absent. */
  'empty',
  'number-for-text',
  'text-for-number',
  'rounded',
  'boolean-spelling',
  'object-for-text',
  'item-for-list',
  'list-length',
  /** Another spelling of an enumerated value. */
  'enum-spelling',
  /** An unknown value became the "other" of its enumeration. */
  'enum-unknown',
  'clipped',
  /** Longer than allowed, but cutting would change its meaning. */
  'long',
  'decimals',
  'time-form',
  /** A time that is none (an unset clock) became the time of receipt. */
  'time-unset',
  /** A missing field got its obvious value. */
  'defaulted',
  /** An optional field or a list item that could not be read was left out. */
  'dropped',
] as const

export type Slip = (typeof SLIPS)[number]

/**
 * Reports of facts. Refusing one makes the station repeat it for ever or lose it, so an optional
 * part that cannot be read is left out rather than losing the rest.
 */
export const FACTS: ReadonlySet<string> = new Set([
  'BootNotification',
  'DiagnosticsStatusNotification',
  'FirmwareStatusNotification',
  'LogStatusNotification',
  'MeterValues',
  'NotifyEvent',
  'SecurityEventNotification',
  'StartTransaction',
  'StatusNotification',
  'StopTransaction',
  'TransactionEvent',
])

/** Lists of facts whose unreadable items are left out. */
export const FACT_LISTS: ReadonlySet<string> = new Set([
  'eventData',
  'meterValue',
  'sampledValue',
  'transactionData',
])

/**
 * Optional fields that change what the rest means (a missing measurand is an energy register, a
 * missing phase a total): when one cannot be read, the value that carries it is left out instead.
 */
export const MEANING: ReadonlySet<string> = new Set([
  'format',
  'location',
  'measurand',
  'multiplier',
  'phase',
  'unit',
  'unitOfMeasure',
])

/** Required fields without which a fact still is one: a start and a stop without a meter reading. */
export const MAY_LACK: ReadonlySet<string> = new Set(['meterStart', 'meterStop'])

/** Units that 1.6 has no word for; the measurand (Frequency, RPM) implies them. */
export const IMPLIED_UNITS: ReadonlySet<string> = new Set(['hz', 'hertz', 'rpm'])

/** Texts that identify or carry data: kept whole, however long. */
export const KEPT_WHOLE: ReadonlySet<string> = new Set([
  'actualValue',
  'attributeValue',
  'certificate',
  'certificateChain',
  'chargeBoxSerialNumber',
  'chargePointSerialNumber',
  'csr',
  'data',
  'exiRequest',
  'iccid',
  'idTag',
  'idToken',
  'imsi',
  'meterSerialNumber',
  'parentIdTag',
  'serialNumber',
  'signedMeterData',
  'transactionId',
  'value',
])

/** Fields that may carry JSON where the schema wants text (DataTransfer, meter values). */
export const JSON_TEXTS: ReadonlySet<string> = new Set(['data', 'value'])

/** A value in plain form (`plain`) -> the words it may stand for; the enumeration picks. */
export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  '%': ['Percent'],
  percentage: ['Percent'],
  c: ['Celcius'],
  degc: ['Celcius'],
  celcius: ['Celsius', 'Celcius'],
  celsius: ['Celcius', 'Celsius'],
  f: ['Fahrenheit'],
  watt: ['W'],
  watts: ['W'],
  kilowatt: ['kW'],
  kilowatts: ['kW'],
  watthour: ['Wh'],
  watthours: ['Wh'],
  kilowatthour: ['kWh'],
  kilowatthours: ['kWh'],
  amp: ['A'],
  amps: ['A'],
  ampere: ['A'],
  amperes: ['A'],
  volt: ['V'],
  volts: ['V'],
  error: ['Faulted', 'OtherError'],
  fault: ['Faulted', 'OtherError'],
  // A 1.5 or 2.0.1 state on 1.6: plugged in, not (yet) charging.
  occupied: ['Preparing'],
  // 1.6 states on 2.0.1.
  preparing: ['Occupied'],
  charging: ['Occupied'],
  suspendedev: ['Occupied'],
  suspendedevse: ['Occupied'],
  finishing: ['Occupied'],
  rfid: ['ISO14443'],
}

/** Fields of FACTS whose unknown values become a general one. */
export const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  errorCode: ['OtherError'],
  reason: ['Other', 'Unknown'],
  stoppedReason: ['Other'],
  // The charging state that comes with it is what counts.
  triggerReason: ['ChargingStateChanged'],
}

/** Required fields of FACTS that stations forget. `now` is the time of receipt. */
export const DEFAULTS: Readonly<Record<string, string>> = {
  errorCode: 'NoError',
  timestamp: 'now',
}

/** Spelling without case, blanks and punctuation. */
export const plain = (text: string): string => {
  const letters = text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  return letters === '' ? text.trim() : letters
}
