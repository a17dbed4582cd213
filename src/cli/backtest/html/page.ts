import type { Backtest, BacktestSettings } from '../../../app/backtest.ts'
import { costTable } from '../cost-rows.ts'
import { MEASURES } from '../text.ts'
import { NAMES, remarks, subtitle } from '../words.ts'
import { charts } from './charts.ts'
import { escape } from './escape.ts'
import { STYLE } from './style.ts'

const paragraphs = (lines: readonly string[]): string =>
  lines.map((line) => `<p class="soft">${escape(line)}</p>`).join('\n')

interface Cell {
  readonly text: string
  readonly tone?: string
}

const tableOf = (head: readonly Cell[], rows: readonly (readonly Cell[])[]): string => {
  const cell = (tag: string, { text, tone }: Cell, scope: string): string =>
    `<${tag}${scope}${tone ? ` class="${tone}"` : ''}>${escape(text)}</${tag}>`
  const body = rows.map(
    ([first, ...rest]) =>
      `<tr>${cell('th', first, ' scope="row"')}${rest.map((one) => cell('td', one, '')).join('')}</tr>`,
  )
  return [
    '<div class="scroll"><table>',
    `<thead><tr>${head.map((one) => cell('th', one, ' scope="col"')).join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n')
}

const measured = ({ runs }: Backtest): string =>
  tableOf(
    [{ text: 'Algorithm' }, ...MEASURES.map(({ title }) => ({ text: title }))],
    runs.map((run) => {
      const tone = run.algorithm === 'busbar' ? { tone: 'busbar' } : {}
      const texts = [NAMES[run.algorithm], ...MEASURES.map(({ show }) => show(run))]
      return texts.map((text) => ({ text, ...tone }))
    }),
  )

const costs = ({ runs, billing }: Backtest): string[] => {
  if (!billing) return []
  const tones = runs.map(({ algorithm }) => (algorithm === 'busbar' ? { tone: 'busbar' } : {}))
  const head = runs.map(({ algorithm }, k) => ({ text: NAMES[algorithm], ...tones[k] }))
  const rows = costTable(runs).map(([name, ...values]) => [
    { text: name },
    ...values.map((text, k) => ({ text, ...tones[k] })),
  ])
  return ['<h2>Bill</h2>', tableOf([{ text: billing.currency }, ...head], rows)]
}

/** The report as one page that needs nothing else: no script, nothing to load. */
export const htmlReport = (settings: BacktestSettings, result: Backtest): string => {
  const title = `Backtest of ${settings.sessions.name}`
  const notes = remarks(result)
  return `${[
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escape(title)}</h1>`,
    paragraphs(subtitle(settings, result)),
    '<h2>What was served</h2>',
    measured(result),
    ...costs(result),
    ...charts(result),
    ...(notes.length > 0 ? ['<h2>Remarks</h2>', paragraphs(notes)] : []),
    '</main>',
    '</body>',
    '</html>',
  ].join('\n')}\n`
}
