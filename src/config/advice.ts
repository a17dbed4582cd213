import { exposureAdvice } from './advice-exposure.ts'
import type { Config } from './schema.ts'

export type Found = { path: (string | number)[]; message: string }

/** Whether a file that the configuration names is there. */
type Exists = (name: string) => boolean

/** What is allowed and works, but is hardly meant. A site runs with it; people are told. */
export const findAdvice = (config: Config, exists: Exists): Found[] => [
  ...voltageAdvice(config),
  ...limitAdvice(config),
  ...loadAdvice(config),
  ...fileAdvice(config, exists),
  ...exposureAdvice(config),
]

/** Line to neutral, in use somewhere. */
const NEUTRAL_V = [220, 230, 240, 277, 347]

const voltageAdvice = ({ site: { supply } }: Config): Found[] => {
  const { kind, voltageV } = supply
  const neutralV = NEUTRAL_V.find((volts) => Math.abs(voltageV / Math.sqrt(3) - volts) < 4)
  if (kind !== 'three-phase' || neutralV === undefined || NEUTRAL_V.includes(voltageV)) return []
  return [
    {
      path: ['site', 'supply', 'voltageV'],
      message: `is ${voltageV}, which looks like line to line; it is line to neutral: set ${neutralV}`,
    },
  ]
}

const limitAdvice = ({ nodes }: Config): Found[] =>
  nodes.flatMap(({ id, parent, limitA, limitKw }, index) =>
    parent !== undefined || limitA !== undefined || limitKw !== undefined
      ? []
      : [
          {
            path: ['nodes', index],
            message:
              `(${id}) is the grid connection and has no limit: nothing keeps it from overload; ` +
              'set limitA to its fuses, or limitKw to what is contracted',
          },
        ],
  )

/** What draws power counts at its design load while nobody measures it: without one, as nothing. */
const loadAdvice = ({ loads = [], nodes }: Config): Found[] => {
  const draws = loads.map(({ kind }) => kind === 'building' || kind === 'other')
  const unsized = loads.flatMap(({ id, meter, designA }, index) => {
    if (!draws[index] || designA !== undefined) return []
    const when =
      meter === undefined ? 'has no meter' : `counts as 0 A while meter ${meter} is silent`
    const result = meter === undefined ? ' and no designA, so it counts as 0 A' : ''
    return [
      {
        path: ['loads', index],
        message: `(${id}) ${when}${result}; set designA to the most that it draws`,
      },
    ]
  })
  const root = nodes.findIndex(({ parent }) => parent === undefined)
  const meter = nodes[root]?.meter
  if (meter === undefined || draws.includes(true)) return unsized
  return [
    ...unsized,
    {
      path: ['nodes', root, 'meter'],
      message:
        `(${meter}) is all that shows other load: while it is silent that counts as 0 A; ` +
        'add a load of kind building with designA',
    },
  ]
}

const fileAdvice = ({ prices = [] }: Config, exists: Exists): Found[] =>
  prices.flatMap((price, index): Found[] => {
    if (price.kind === 'file' && !exists(price.file)) {
      const message = `names ${price.file}, which is not there; there are no prices until it is`
      return [{ path: ['prices', index, 'file'], message }]
    }
    // Other names are those of tariffs that come with Busbar.
    if (price.kind === 'tariff' && /\.ya?ml$/.test(price.tariff) && !exists(price.tariff)) {
      return [
        { path: ['prices', index, 'tariff'], message: `names ${price.tariff}, which is not there` },
      ]
    }
    return []
  })
