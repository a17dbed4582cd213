import type { VirtualResult } from './measures.ts'

const fixed = (value: number, digits = 1): string => value.toFixed(digits)

/** The result of a virtual run as text for a terminal; times in the site's time zone. */
export const formatResult = (result: VirtualResult, timeZone: string, currency: string): string => {
  const { sessions, peakKw, commands, switching, cost } = result
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const facts: readonly (readonly [string, string])[] = [
    ['Site', `${result.siteId}, ${result.hours} h, seed ${result.seed}`],
    ['Energy delivered', `${fixed(result.energyKwh)} kWh`],
    ['Unserved', `${fixed(result.unservedKwh)} kWh`],
    [
      'Sessions',
      `${sessions.arrived} arrived, ${sessions.turnedAway} turned away, ${sessions.left} left: ` +
        `${sessions.served} served, ${sessions.fullyServed} fully`,
    ],
    [
      'Peak',
      `site ${fixed(peakKw.site)} kW (quarter hour ${fixed(peakKw.siteQuarterHour)} kW), ` +
        `charging ${fixed(peakKw.ev)} kW`,
    ],
    ['Above a limit', `${result.secondsAboveLimit} s`],
    ['On/off changes', `${switching.changes} (${fixed(switching.perSession, 2)} per session)`],
    [
      'Commands',
      `${commands.total} (${commands.rejected} rejected, ${commands.timedOut} without an answer)`,
    ],
    ...(cost
      ? [['Cost', `site ${fixed(cost.site, 2)} ${currency}, charging ${fixed(cost.ev, 2)} ${currency}`] as const] // prettier-ignore
      : []),
  ]
  const width = Math.max(...result.nodes.map((node) => node.nodeId.length), 4)
  const rows = result.nodes.map((node) => {
    const loading = node.worstLoading === null ? '-' : `${fixed(100 * node.worstLoading)} %`
    const when = node.worstAtMs === null ? '-' : time.format(node.worstAtMs)
    return [
      node.nodeId.padEnd(width),
      loading.padStart(8),
      (node.worstPhase ?? '-').padEnd(6),
      when.padEnd(14),
      `${node.secondsAbove} s`.padStart(8),
    ].join('  ')
  })
  const head = ['Node'.padEnd(width), '   Worst', 'Phase ', 'At            ', '   Above']
  return [
    ...facts.map(([name, value]) => `${name.padEnd(18)}${value}`),
    '',
    head.join('  '),
    ...rows,
  ].join('\n')
}
