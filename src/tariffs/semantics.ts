import { HOLIDAY_LISTS } from '../engine/holiday-lists.ts'
import { holidayRuleProblem } from '../engine/holidays.ts'
import type { EnergyChargeFile, TariffFile, WhenFile } from './schema.ts'
import { nearest } from './validate.ts'
import { isTimeZone } from './zone.ts'

export type Path = readonly (string | number)[]
export type Report = (path: Path, message: string) => void

const FORMS = ['price', 'tiers', 'formula'] as const

const suggest = (word: string, known: readonly string[]): string => {
  const guess = nearest(word, known)
  return guess ? `did you mean "${guess}"?` : `there are ${known.join(', ') || 'none'}`
}

const isDate = (text: string): boolean => {
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

const checkWhen = (when: WhenFile | undefined, path: Path, file: TariffFile, report: Report) => {
  const seasons = Object.keys(file.seasons ?? {})
  for (const season of when?.season?.split(',').map((part) => part.trim()) ?? []) {
    if (!seasons.includes(season)) {
      report([...path, 'season'], `season "${season}" is not declared; ${suggest(season, seasons)}`)
    }
  }
}

/** Exactly one of the keys must be there. */
const checkOne = (value: object, keys: readonly string[], path: Path, report: Report): void => {
  const given = keys.filter((key) => key in value)
  if (given.length !== 1) {
    report(
      path,
      `needs exactly one of ${keys.join(', ')}; ` +
        (given.length === 0 ? 'none is given' : `${given.join(' and ')} are given`),
    )
  }
}

/** Blocks and steps ascend; only the last one may be open, and it must be. */
const checkLadder = (
  ladder: readonly object[] | undefined,
  key: 'upToKwh' | 'upToKw',
  path: Path,
  report: Report,
): void => {
  let below = 0
  for (const [i, rung] of (ladder ?? []).entries()) {
    const top = (rung as Record<string, number | undefined>)[key]
    const last = i === ladder!.length - 1
    if (last && top !== undefined) report([...path, i, key], `the last one is open: remove ${key}`)
    if (!last && top === undefined) report([...path, i], `only the last one may be without ${key}`)
    if (top === undefined) continue
    if (top <= below) report([...path, i, key], `must be more than the one before (${below})`)
    below = top
  }
}

const checkEnergy = (
  charge: EnergyChargeFile,
  path: Path,
  file: TariffFile,
  report: Report,
): void => {
  checkOne(charge, [...FORMS, 'rates'], path, report)
  checkLadder(charge.tiers, 'upToKwh', [...path, 'tiers'], report)
  for (const [i, rate] of (charge.rates ?? []).entries()) {
    checkOne(rate, FORMS, [...path, 'rates', i], report)
    checkLadder(rate.tiers, 'upToKwh', [...path, 'rates', i, 'tiers'], report)
    checkWhen(rate.when, [...path, 'rates', i, 'when'], file, report)
  }
}

const checkHolidays = (file: TariffFile, report: Report): void => {
  const { list, add = [], remove = [] } = file.holidays ?? {}
  const lists = Object.keys(HOLIDAY_LISTS)
  if (list !== undefined && !lists.includes(list)) {
    report(['holidays', 'list'], `"${list}" is no list; ${suggest(list, lists)}`)
  }
  for (const [i, { rule }] of add.entries()) {
    const problem = holidayRuleProblem(rule)
    if (problem) report(['holidays', 'add', i, 'rule'], problem)
  }
  const known = list === undefined ? [] : (HOLIDAY_LISTS[list] ?? []).map(({ name }) => name)
  for (const [i, name] of remove.entries()) {
    if (!known.includes(name)) {
      report(['holidays', 'remove', i], `"${name}" is not in the list; ${suggest(name, known)}`)
    }
  }
}

const checkDates = (file: TariffFile, report: Report): void => {
  if (!isDate(file.validFrom)) report(['validFrom'], `${file.validFrom} is no day`)
  if (!isDate(file.source.read)) report(['source', 'read'], `${file.source.read} is no day`)
  if (file.validTo !== undefined && (!isDate(file.validTo) || file.validTo < file.validFrom)) {
    report(['validTo'], `${file.validTo} must be a day not before validFrom`)
  }
  for (const [name, ranges] of Object.entries(file.seasons ?? {})) {
    for (const end of ranges.split(/\.\.|,/).map((part) => part.trim())) {
      if (!isDate(`2024-${end}`)) report(['seasons', name], `${end} is no day of a year`)
    }
  }
}

const checkDemand = (file: TariffFile, report: Report): void => {
  for (const [i, charge] of (file.demand ?? []).entries()) {
    const path = ['demand', i]
    checkOne(charge, ['pricePerKw', 'steps'], path, report)
    checkLadder(charge.steps, 'upToKw', [...path, 'steps'], report)
    checkWhen(charge.when, [...path, 'when'], file, report)
    checkWhen(charge.ratchet?.when, [...path, 'ratchet', 'when'], file, report)
    if (charge.ratchet?.when && charge.averageMonths !== undefined) {
      report([...path, 'ratchet', 'when'], 'cannot be told beside averageMonths: use one of them')
    }
    for (const [k, { when }] of (charge.weights ?? []).entries()) {
      checkWhen(when, [...path, 'weights', k, 'when'], file, report)
    }
  }
  for (const [i, charge] of (file.subscriptions ?? []).entries()) {
    const path = ['subscriptions', i]
    checkOne(charge, ['pricePerKw', 'block', 'levels'], path, report)
    checkLadder(charge.levels, 'upToKw', [...path, 'levels'], report)
    checkWhen(charge.overage?.when, [...path, 'overage', 'when'], file, report)
  }
}

const GROUPS = ['energy', 'export', 'demand', 'subscriptions', 'fixed', 'taxes'] as const

/** Names are what an invoice line and a tax refer to: each is used once. */
const checkNames = (file: TariffFile, report: Report): void => {
  const seen: string[] = []
  for (const group of GROUPS) {
    for (const [i, charge] of (file[group] ?? []).entries()) {
      if (seen.includes(charge.name)) {
        report([group, i, 'name'], `"${charge.name}" is used twice; give each charge its own name`)
      }
      if (group === 'taxes' && 'on' in charge) {
        for (const [k, on] of (charge.on ?? []).entries()) {
          if (!seen.includes(on)) {
            report([group, i, 'on', k], `"${on}" is no charge above this; ${suggest(on, seen)}`)
          }
        }
      }
      if (file.verified && charge.verified === false) {
        report(['verified'], `cannot be true while "${charge.name}" is not verified`)
      }
      seen.push(charge.name)
    }
  }
}

/** What the schema cannot say. Formulas are checked where they are compiled. */
export const checkMeaning = (file: TariffFile, report: Report): void => {
  if (!isTimeZone(file.timeZone)) {
    report(['timeZone'], `"${file.timeZone}" is no IANA time zone; write for example Europe/Oslo`)
  }
  checkDates(file, report)
  checkHolidays(file, report)
  for (const group of ['energy', 'export'] as const) {
    for (const [i, charge] of (file[group] ?? []).entries()) {
      checkEnergy(charge, [group, i], file, report)
    }
  }
  const carbon = file.carbon?.rates ?? []
  for (const [i, rate] of carbon.entries()) {
    checkWhen(rate.when, ['carbon', 'rates', i, 'when'], file, report)
  }
  if (carbon.at(-1)?.when) {
    report(['carbon', 'rates', carbon.length - 1], 'the last one is for all other times: no when')
  }
  checkDemand(file, report)
  checkNames(file, report)
}
