import { DEFAULT_RULES, type ControlRules } from '../../src/control/rules.ts'

/** What `control:` of the cases' sites says. */
export const RULES_OF_CASES: ControlRules = { ...DEFAULT_RULES, riseEveryMs: 2_000 }
