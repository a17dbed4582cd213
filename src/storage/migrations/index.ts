import { initial } from './0001-initial.ts'
import { forecast } from './0002-forecast.ts'
import { sampleIndex } from './0003-sample-index.ts'
import { lateSampleIndex } from './0004-late-sample-index.ts'
import { packs } from './0005-packs.ts'
import { planPacks } from './0006-plan-packs.ts'
import { traits } from './0007-traits.ts'
import type { Migration } from './migration.ts'

/** All steps, oldest first. A test holds the result against `TABLES`. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  forecast,
  sampleIndex,
  lateSampleIndex,
  packs,
  planPacks,
  traits,
]
