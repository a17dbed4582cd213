import { initial } from './0001-initial.ts'
import { forecast } from './0002-forecast.ts'
import type { Migration } from './migration.ts'

/** All steps, oldest first. A test holds the result against `TABLES`. */
export const MIGRATIONS: readonly Migration[] = [initial, forecast]
