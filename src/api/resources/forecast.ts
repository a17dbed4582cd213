import { Type, type Static } from 'typebox'
import type { ScoreRow } from '../../engine/forecast/score.ts'
import { integer, named, nullable, number, text } from '../shapes.ts'

const LEVEL_SCORE = named('LevelScore', 'How good one quantile was', {
  level: number('0.9 = P90'),
  loss: number('mean pinball loss'),
  baselineLoss: nullable(number('that of the simple rule, taken as this quantile')),
  coverage: number('how often no more came; of an honest P90 in 0.9 of the cases'),
})

export const FORECAST_SCORE = named('ForecastScore', 'Forecasts of one kind beside what came', {
  kind: text('load and pv in watts, departure in hours, energy in kWh'),
  leadS: integer('made so long ahead; for departure and energy, after the plug-in'),
  count: integer(),
  mae: number('mean absolute error of the median'),
  bias: number('mean of forecast less actual'),
  baselineMae: nullable(number('that of a simple rule; null = it had nothing to say')),
  skill: nullable(number('1 - mae / baselineMae on the same cases: 0 = no better')),
  levels: Type.Array(LEVEL_SCORE),
})

export const presentForecastScore = (row: ScoreRow): Static<typeof FORECAST_SCORE> => {
  const { kind, leadS, count, mae, bias, baselineMae, skill, levels } = row
  return { kind, leadS, count, mae, bias, baselineMae, skill, levels: [...levels] }
}
