import { Type, type Static, type TObject, type TProperties } from 'typebox'

/**
 * The format of a tariff file: the source of truth. `schemas/tariff.schema.json` is written from it
 * and a test holds the two equal. `docs/reference/tariffs.md` explains every key.
 */
const closed = <P extends TProperties>(properties: P, description: string): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, description })

const name = (description: string) => Type.String({ minLength: 1, maxLength: 120, description })
const optional = Type.Optional
const date = (description: string) =>
  Type.String({ pattern: String.raw`^\d{4}-\d{2}-\d{2}$`, description })

const RANGE = String.raw`\d{2}-\d{2}\.\.\d{2}-\d{2}`
const HOURS = String.raw`([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d`
const DAY = '(mon|tue|wed|thu|fri|sat|sun|weekday|workday|weekend|holiday)'

const When = closed(
  {
    season: optional(
      Type.String({ minLength: 1, description: 'Names of seasons, separated by commas.' }),
    ),
    days: optional(
      Type.String({
        pattern: `^${DAY}( *, *${DAY})*$`,
        description:
          'mon..sun, weekday (Monday to Friday), workday (weekday that is no holiday), weekend ' +
          '(Saturday and Sunday), holiday; separated by commas, any of them.',
      }),
    ),
    hours: optional(
      Type.String({
        pattern: `^${HOURS}( *, *${HOURS})*$`,
        description:
          'HH:MM-HH:MM by the local clock, separated by commas. 22:00-06:00 means before 06:00 or ' +
          'from 22:00 of the same day.',
      }),
    ),
  },
  'A condition on the local calendar; all parts that are given must hold.',
)

const Tier = closed(
  {
    upToKwh: optional(
      Type.Number({ exclusiveMinimum: 0, description: 'End of the block; absent = the rest.' }),
    ),
    price: Type.Number({ description: 'Currency per kWh.' }),
  },
  'One block of a block rate.',
)

const priceForms = {
  price: optional(Type.Number({ description: 'Currency per kWh.' })),
  tiers: optional(
    Type.Array(Tier, { minItems: 1, maxItems: 20, description: 'Block rates, ascending.' }),
  ),
  formula: optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'Currency per kWh as a mathjs expression of spot, hour, month, ...',
    }),
  ),
}

const evidence = {
  verified: optional(
    Type.Boolean({ description: 'Whether these figures were read in the source; else the file.' }),
  ),
  note: optional(Type.String({ minLength: 1 })),
}

const Rate = closed(
  { label: optional(name('What the bill calls it.')), when: optional(When), ...priceForms },
  'One price; the first rate whose condition holds applies.',
)

const EnergyCharge = closed(
  {
    name: name('What the bill calls it.'),
    ...priceForms,
    rates: optional(Type.Array(Rate, { minItems: 1, maxItems: 100 })),
    tierPeriod: optional(
      Type.Enum(['month', 'year'], { description: 'What blocks are counted over.' }),
    ),
    ...evidence,
  },
  'A charge per kWh: either rates, or one of price, tiers, formula for all hours.',
)

const Per = Type.Enum(['day', 'month', 'year'], {
  description: 'What the price is for. A year is billed as twelve equal months.',
})

const Step = closed(
  {
    upToKw: optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Level included; absent = the rest.' }),
    ),
    price: Type.Number(),
  },
  'A fixed fee for every peak up to this level.',
)

const WINDOW_MIN = [5, 15, 30, 60] as const

const DemandCharge = closed(
  {
    name: name('What the bill calls it.'),
    windowMin: Type.Enum([...WINDOW_MIN], {
      description: 'Length of the averaging window in minutes, aligned to the local clock.',
    }),
    pricePerKw: optional(Type.Number()),
    steps: optional(Type.Array(Step, { minItems: 1, maxItems: 100 })),
    per: optional(Per),
    when: optional(When),
    top: optional(
      Type.Integer({ minimum: 1, maximum: 31, description: 'Mean of this many highest windows.' }),
    ),
    distinctDays: optional(
      Type.Boolean({ description: 'At most one of the highest windows from each day.' }),
    ),
    weights: optional(
      Type.Array(
        closed({ when: When, factor: Type.Number({ minimum: 0 }) }, 'Weight of some windows.'),
        { maxItems: 10, description: 'The first that holds; other windows weigh 1.' },
      ),
    ),
    averageMonths: optional(
      Type.Integer({
        minimum: 2,
        maximum: 36,
        description: 'Bill the mean of this many monthly peaks, this month included.',
      }),
    ),
    ratchet: optional(
      closed(
        {
          months: Type.Integer({ minimum: 1, maximum: 36 }),
          fraction: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
          when: optional(When),
          minKw: optional(Type.Number({ minimum: 0, description: 'Bill at least so much.' })),
        },
        'Bill at least this fraction of the highest peak of so many months before. With `when`, of ' +
          'the windows in which that holds, and not of those that the charge bills.',
      ),
    ),
    minKw: optional(
      Type.Number({ minimum: 0, description: 'A monthly peak counts at least this much.' }),
    ),
    coincident: optional(
      Type.Boolean({ description: 'Only the windows that the operator names afterwards count.' }),
    ),
    ...evidence,
  },
  'A charge for peak power: pricePerKw or steps.',
)

const Subscription = closed(
  {
    name: name('What the bill calls it.'),
    kw: Type.Number({ minimum: 0, description: 'Contracted power where the user gives none.' }),
    per: optional(Per),
    pricePerKw: optional(Type.Number()),
    block: optional(
      closed(
        { kw: Type.Number({ exclusiveMinimum: 0 }), price: Type.Number() },
        'Power is sold in whole blocks.',
      ),
    ),
    levels: optional(Type.Array(Step, { minItems: 1, maxItems: 100 })),
    overage: optional(
      closed(
        {
          pricePerKw: Type.Number(),
          windowMin: Type.Enum([...WINDOW_MIN]),
          when: optional(When),
        },
        'For the monthly peak above the contracted power.',
      ),
    ),
    ...evidence,
  },
  'A charge for contracted power: pricePerKw, block or levels.',
)

const Fixed = closed(
  {
    name: name('What the bill calls it.'),
    price: Type.Number({ description: 'Negative for a credit.' }),
    per: optional(Per),
    ...evidence,
  },
  'A standing charge.',
)

const Tax = closed(
  {
    name: name('What the bill calls it.'),
    percent: Type.Number(),
    on: optional(
      Type.Array(Type.String(), { minItems: 1, description: 'Names of charges and taxes.' }),
    ),
    ...evidence,
  },
  'A percentage of everything above it but export, taxes included, or of what `on` names.',
)

const HolidayRule = closed(
  {
    name: name('Name of the holiday.'),
    rule: Type.String({
      description:
        '12-25 | 2026-06-02 | 1st monday of 09 | last monday of 05 | easter-2 | saturday from ' +
        '06-20 | monday before 05-25',
    }),
    observed: optional(
      Type.Enum(['nearest-workday', 'sunday-to-monday', 'next-workday'], {
        description: 'Where it moves when it falls on a weekend; absent = it does not.',
      }),
    ),
  },
  'A holiday by rule.',
)

export const TariffSchema = closed(
  {
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$', description: 'As the file is named.' }),
    name: name('For people.'),
    country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1.' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.' }),
    timeZone: Type.String({ minLength: 1, description: 'IANA time zone of the bill.' }),
    validFrom: date('First day.'),
    validTo: optional(date('Last day.')),
    covers: Type.Array(Type.Enum(['supply', 'delivery', 'taxes']), {
      minItems: 1,
      uniqueItems: true,
      description: 'Which parts of the whole bill the file holds.',
    }),
    taxIncluded: optional(
      Type.String({ minLength: 1, description: 'Taxes that the prices already hold.' }),
    ),
    source: closed(
      {
        name: name('Document or page.'),
        url: optional(Type.String({ minLength: 1 })),
        kind: Type.Enum(['primary', 'secondary'], {
          description: 'primary = utility, regulator or law; secondary = somebody quotes it.',
        }),
        read: date('Day it was read.'),
        note: optional(Type.String({ minLength: 1 })),
      },
      'Where the figures come from.',
    ),
    verified: Type.Boolean({ description: 'Every figure was read in the source.' }),
    note: optional(Type.String({ minLength: 1 })),
    seasons: optional(
      Type.Record(
        Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
        Type.String({
          pattern: `^${RANGE}( *, *${RANGE})*$`,
          description: 'MM-DD..MM-DD, both included, may go over the new year.',
        }),
        { additionalProperties: false, description: 'Seasons by name (a-z, 0-9, -).' },
      ),
    ),
    holidays: optional(
      closed(
        {
          list: optional(Type.String({ description: 'A named list, such as us-nerc or se.' })),
          add: optional(Type.Array(HolidayRule, { maxItems: 100 })),
          remove: optional(Type.Array(Type.String(), { maxItems: 100 })),
        },
        'Which days are holidays.',
      ),
    ),
    spot: optional(
      closed(
        {
          market: name('Which price `spot` is.'),
          assume: Type.Number({
            description: 'Planned with where no price is known yet; never billed.',
          }),
        },
        'The market price that formulas use, currency per kWh.',
      ),
    ),
    constants: optional(
      Type.Record(Type.String({ pattern: '^[a-z][A-Za-z0-9]*$' }), Type.Number(), {
        additionalProperties: false,
        description: 'Numbers for formulas by name (letters and digits, a small letter first).',
      }),
    ),
    energy: optional(Type.Array(EnergyCharge, { maxItems: 50 })),
    export: optional(
      Type.Array(EnergyCharge, { maxItems: 50, description: 'Credits per kWh fed in.' }),
    ),
    carbon: optional(
      closed(
        {
          rates: Type.Array(
            closed(
              { when: optional(When), gramsPerKwh: Type.Number({ minimum: 0 }) },
              'One intensity; the first whose condition holds applies.',
            ),
            { minItems: 1, maxItems: 100 },
          ),
          ...evidence,
        },
        'Greenhouse gas per kWh drawn.',
      ),
    ),
    demand: optional(Type.Array(DemandCharge, { maxItems: 50 })),
    subscriptions: optional(Type.Array(Subscription, { maxItems: 20 })),
    fixed: optional(Type.Array(Fixed, { maxItems: 50 })),
    taxes: optional(Type.Array(Tax, { maxItems: 20 })),
  },
  'An electricity tariff.',
)

export type TariffFile = Static<typeof TariffSchema>
export type WhenFile = Static<typeof When>
export type EnergyChargeFile = Static<typeof EnergyCharge>
export type DemandChargeFile = Static<typeof DemandCharge>
export type SubscriptionFile = Static<typeof Subscription>
export type StepFile = Static<typeof Step>
export type TaxFile = Static<typeof Tax>
export type Per = 'day' | 'month' | 'year'

/** The JSON Schema (2020-12) that editors can use, as published. */
export const tariffJsonSchema = (): Record<string, unknown> => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'tariff.schema.json',
  title: 'Busbar tariff',
  ...(JSON.parse(JSON.stringify(TariffSchema)) as Record<string, unknown>),
})
