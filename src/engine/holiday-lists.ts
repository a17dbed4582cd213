import type { HolidayRule } from './holidays.ts'

type Observed = HolidayRule['observed']
type Row = readonly [name: string, rule: string]

const list = (rows: readonly Row[], observed?: Observed): HolidayRule[] =>
  rows.map(([name, rule]) => ({ name, rule, ...(observed ? { observed } : {}) }))

const US_FEDERAL: readonly Row[] = [
  ["New Year's Day", '01-01'],
  ['Martin Luther King Jr. Day', '3rd monday of 01'],
  ["Presidents' Day", '3rd monday of 02'],
  ['Memorial Day', 'last monday of 05'],
  ['Juneteenth', '06-19'],
  ['Independence Day', '07-04'],
  ['Labor Day', '1st monday of 09'],
  ['Columbus Day', '2nd monday of 10'],
  ['Veterans Day', '11-11'],
  ['Thanksgiving Day', '4th thursday of 11'],
  ['Christmas Day', '12-25'],
]

/** Six days off-peak by the North American Electric Reliability Corporation. */
const NERC = new Set([
  "New Year's Day",
  'Memorial Day',
  'Independence Day',
  'Labor Day',
  'Thanksgiving Day',
  'Christmas Day',
])

/** What Californian utilities add to the six. */
const CALIFORNIA = new Set([...NERC, "Presidents' Day", 'Veterans Day'])

const EASTER: readonly Row[] = [
  ['Good Friday', 'easter-2'],
  ['Easter Sunday', 'easter'],
  ['Easter Monday', 'easter+1'],
]

const AU_QLD: readonly Row[] = [
  ["New Year's Day", '01-01'],
  ['Australia Day', '01-26'],
  ['Good Friday', 'easter-2'],
  ['Easter Saturday', 'easter-1'],
  ['Easter Sunday', 'easter'],
  ['Easter Monday', 'easter+1'],
  ['Anzac Day', '04-25'],
  ['Labour Day', '1st monday of 05'],
  ["King's Birthday", '1st monday of 10'],
  ['Christmas Day', '12-25'],
  ['Boxing Day', '12-26'],
]

/** Named holiday lists: national days by rule, as tariffs refer to them. */
export const HOLIDAY_LISTS: Readonly<Record<string, readonly HolidayRule[]>> = {
  'us-federal': list(US_FEDERAL, 'nearest-workday'),
  'us-nerc': list(
    US_FEDERAL.filter(([name]) => NERC.has(name)),
    'sunday-to-monday',
  ),
  'us-california': list(
    US_FEDERAL.filter(([name]) => CALIFORNIA.has(name)),
    'sunday-to-monday',
  ),
  'gb-england': [
    ...list(
      [
        ["New Year's Day", '01-01'],
        ['Christmas Day', '12-25'],
        ['Boxing Day', '12-26'],
      ],
      'next-workday',
    ),
    ...list([
      ['Good Friday', 'easter-2'],
      ['Easter Monday', 'easter+1'],
      ['Early May bank holiday', '1st monday of 05'],
      ['Spring bank holiday', 'last monday of 05'],
      ['Summer bank holiday', 'last monday of 08'],
    ]),
  ],
  de: list([
    ['Neujahr', '01-01'],
    ['Karfreitag', 'easter-2'],
    ['Ostermontag', 'easter+1'],
    ['Tag der Arbeit', '05-01'],
    ['Christi Himmelfahrt', 'easter+39'],
    ['Pfingstmontag', 'easter+50'],
    ['Tag der Deutschen Einheit', '10-03'],
    ['1. Weihnachtstag', '12-25'],
    ['2. Weihnachtstag', '12-26'],
  ]),
  se: list([
    ['Nyårsdagen', '01-01'],
    ['Trettondedag jul', '01-06'],
    ['Långfredagen', 'easter-2'],
    ['Påskdagen', 'easter'],
    ['Annandag påsk', 'easter+1'],
    ['Första maj', '05-01'],
    ['Kristi himmelsfärdsdag', 'easter+39'],
    ['Pingstdagen', 'easter+49'],
    ['Sveriges nationaldag', '06-06'],
    ['Midsommarafton', 'friday from 06-19'],
    ['Midsommardagen', 'saturday from 06-20'],
    ['Alla helgons dag', 'saturday from 10-31'],
    ['Julafton', '12-24'],
    ['Juldagen', '12-25'],
    ['Annandag jul', '12-26'],
    ['Nyårsafton', '12-31'],
  ]),
  no: list([
    ['1. nyttårsdag', '01-01'],
    ['Skjærtorsdag', 'easter-3'],
    ...EASTER,
    ['Arbeidernes dag', '05-01'],
    ['Grunnlovsdagen', '05-17'],
    ['Kristi himmelfartsdag', 'easter+39'],
    ['1. pinsedag', 'easter+49'],
    ['2. pinsedag', 'easter+50'],
    ['1. juledag', '12-25'],
    ['2. juledag', '12-26'],
  ]),
  fr: list([
    ['Jour de l’An', '01-01'],
    ['Lundi de Pâques', 'easter+1'],
    ['Fête du Travail', '05-01'],
    ['Victoire 1945', '05-08'],
    ['Ascension', 'easter+39'],
    ['Lundi de Pentecôte', 'easter+50'],
    ['Fête nationale', '07-14'],
    ['Assomption', '08-15'],
    ['Toussaint', '11-01'],
    ['Armistice 1918', '11-11'],
    ['Noël', '12-25'],
  ]),
  /** National days that the period rules of the CNMC name: fixed dates and 6 January. */
  es: list([
    ['Año Nuevo', '01-01'],
    ['Epifanía', '01-06'],
    ['Fiesta del Trabajo', '05-01'],
    ['Asunción', '08-15'],
    ['Fiesta Nacional', '10-12'],
    ['Todos los Santos', '11-01'],
    ['Constitución', '12-06'],
    ['Inmaculada', '12-08'],
    ['Navidad', '12-25'],
  ]),
  be: list([
    ['Nieuwjaar', '01-01'],
    ['Paasmaandag', 'easter+1'],
    ['Dag van de Arbeid', '05-01'],
    ['Hemelvaart', 'easter+39'],
    ['Pinkstermaandag', 'easter+50'],
    ['Nationale feestdag', '07-21'],
    ['Tenhemelopneming', '08-15'],
    ['Allerheiligen', '11-01'],
    ['Wapenstilstand', '11-11'],
    ['Kerstmis', '12-25'],
  ]),
  'au-qld': list(AU_QLD, 'next-workday').map((rule) =>
    ['Easter Saturday', 'Easter Sunday', 'Anzac Day'].includes(rule.name)
      ? { name: rule.name, rule: rule.rule }
      : rule,
  ),
}
