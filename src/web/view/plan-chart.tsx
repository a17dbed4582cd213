import { useEffect, useRef, useState } from 'preact/hooks'
import { hourMarks } from '../drawing/hours.ts'
import { stepArea, stepLine } from '../drawing/path.ts'
import { stepAt, type PlanSeries } from '../drawing/plan-series.ts'
import { linearScale, type Scale } from '../drawing/scale.ts'
import { useDashboard } from '../dashboard.ts'
import { limitWords } from '../words/plan.ts'

interface Props {
  readonly series: PlanSeries
  /** The step that is looked at; `null` = none. */
  readonly step: number | null
  readonly onPoint: (step: number | null) => void
}

const HEIGHT = 286
/** Room for the units above the axes: below them are the hours. */
const TOP = 26
const UNITS_Y = 11
const BOTTOM = 28
const LEFT = 38
const RIGHT = 56

/** Base load and vehicles as stacked steps, prices and event limits as lines, and where now is. */
export const PlanChart = ({ series, step, onPoint }: Props) => {
  const { format, nowMs } = useDashboard()
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const { edgesMs, baseW, evW } = series
  const totalW = baseW.map((watts, k) => watts + evW[k])
  const known = series.limit.flatMap((limit) => limit?.levelW ?? [])
  const y = linearScale(
    Math.min(0, ...baseW) / 1_000,
    Math.max(1_000, ...baseW, ...totalW, ...known) / 1_000,
    HEIGHT - BOTTOM,
    TOP,
    4,
  )
  const x = (atMs: number): number =>
    LEFT + ((atMs - edgesMs[0]) / (edgesMs.at(-1)! - edgesMs[0])) * (width - LEFT - RIGHT)
  const atW = (watts: number): number => y.at(watts / 1_000)
  const xs = edgesMs.map(x)
  const zeros = baseW.map(() => y.at(0))
  const bases = baseW.map(atW)
  const totals = totalW.map(atW)
  const limits = series.limit.map((limit) => limit && atW(limit.levelW))
  const now = nowMs.value
  const point = (event: PointerEvent): void => {
    const box = frame.current!.getBoundingClientRect()
    const share = (event.clientX - box.left - LEFT) / (width - LEFT - RIGHT)
    onPoint(stepAt(series, edgesMs[0] + share * (edgesMs.at(-1)! - edgesMs[0])))
  }
  const { power, price, span } = format.value
  const spoken = (k: number): string =>
    [
      span(edgesMs[k], edgesMs[k + 1], now),
      `base load ${power(baseW[k])}`,
      `vehicles ${power(evW[k])}`,
      ...(series.price[k] === null ? [] : [`price ${price(series.price[k])}`]),
      ...(series.limit[k] === null
        ? []
        : [`event limit ${limitWords(series.limit[k], format.value)}`]),
    ].join(', ')
  const shown = step ?? stepAt(series, now)

  return (
    <div ref={frame} class="chart">
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label="Planned power over time; the slider below reads it step by step"
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => onPoint(null)}
      >
        <Grid y={y} width={width} />
        <Hours series={series} x={x} width={width} />
        <path class="fill-load" d={stepArea(xs, zeros, bases)} />
        <path class="fill-ev" d={stepArea(xs, bases, totals)} />
        <path class="line-event" d={stepLine(xs, limits)} />
        <PriceLine series={series} xs={xs} width={width} />
        {step !== null && (
          <rect
            class="pointed"
            x={xs[step]}
            width={Math.max(1, xs[step + 1] - xs[step])}
            y={TOP}
            height={HEIGHT - BOTTOM - TOP}
          />
        )}
        {now >= edgesMs[0] && now < edgesMs.at(-1)! && (
          <g class="now-marker">
            <line x1={x(now)} x2={x(now)} y1={TOP} y2={HEIGHT - BOTTOM} />
            <path d={`M${x(now) - 4} ${TOP - 6}h8l-4 6z`} />
          </g>
        )}
      </svg>
      <input
        type="range"
        class="scrubber"
        aria-label="Step of the plan"
        min={0}
        max={evW.length - 1}
        value={shown}
        aria-valuetext={spoken(shown)}
        onInput={(event) => onPoint(Number(event.currentTarget.value))}
        onBlur={() => onPoint(null)}
      />
    </div>
  )
}

const Grid = ({ y, width }: { y: Scale; width: number }) => (
  <g class="grid">
    {y.ticks.map((tick) => (
      <g key={tick}>
        <line
          class={tick === 0 ? 'zero' : undefined}
          x1={LEFT}
          x2={width - RIGHT}
          y1={y.at(tick)}
          y2={y.at(tick)}
        />
        <text x={LEFT - 6} y={y.at(tick)} dy="0.32em" text-anchor="end">
          {tick}
        </text>
      </g>
    ))}
    <text x={LEFT - 6} y={UNITS_Y} text-anchor="end">
      kW
    </text>
  </g>
)

interface HoursProps {
  readonly series: PlanSeries
  readonly x: (atMs: number) => number
  readonly width: number
}

const Hours = ({ series: { edgesMs }, x, width }: HoursProps) => {
  const { store, format } = useDashboard()
  const timeZone = store.site.value?.timeZone ?? 'UTC'
  const marks = hourMarks(edgesMs[0], edgesMs.at(-1)!, timeZone, width < 520 ? 6 : 3)
  return (
    <g class="grid hours">
      {marks.map((atMs) => (
        <g key={atMs}>
          <line x1={x(atMs)} x2={x(atMs)} y1={TOP} y2={HEIGHT - BOTTOM} />
          <text x={x(atMs)} y={HEIGHT - 8} text-anchor="middle">
            {format.value.time(atMs)}
          </text>
        </g>
      ))}
    </g>
  )
}

interface PriceLineProps {
  readonly series: PlanSeries
  readonly xs: readonly number[]
  readonly width: number
}

/** Prices on a scale of their own, at the right. */
const PriceLine = ({ series, xs, width }: PriceLineProps) => {
  const known = series.price.filter((price) => price !== null)
  if (known.length === 0) return null
  const y = linearScale(Math.min(0, ...known), Math.max(0.01, ...known), HEIGHT - BOTTOM, TOP, 3)
  const digits = y.ticks.some((tick) => Math.abs(tick * 10 - Math.round(tick * 10)) > 1e-6) ? 2 : 1
  const { currency } = useDashboard().store.site.value!
  const points = series.price.map((price) => (price === null ? null : y.at(price)))
  return (
    <g class="price">
      <path class="line-price" d={stepLine(xs, points)} />
      {y.ticks.map((tick) => (
        <text key={tick} x={width - RIGHT + 6} y={y.at(tick)} dy="0.32em">
          {tick.toFixed(digits)}
        </text>
      ))}
      <text x={width} y={UNITS_Y} text-anchor="end">
        {currency}/kWh
      </text>
    </g>
  )
}

/** The width that the page gives to the chart, in pixels. */
const useWidth = (frame: { readonly current: HTMLElement | null }): number => {
  const [width, setWidth] = useState(600)
  useEffect(() => {
    const element = frame.current!
    const observer = new ResizeObserver(([entry]) => {
      setWidth(Math.max(240, Math.floor(entry.contentRect.width)))
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [frame])
  return width
}
