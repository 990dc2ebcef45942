import type { CalibratedParameters } from '../parameters.ts'
import type { Finding } from '../policy.ts'
import { datesGuard } from './dates.ts'
import type { Guard } from './guard.ts'
import { namesGuard } from './names.ts'
import { negationGuard } from './negation.ts'
import { numbersGuard } from './numbers.ts'
import { oppositesGuard } from './opposites.ts'
import { phraseGuards } from './phrase-guards.ts'
import { rolesGuard } from './roles.ts'
import { signsGuard } from './signs.ts'

/** All guards, the vetoing ones first. */
export const guards: readonly Guard[] = [
  numbersGuard,
  datesGuard,
  negationGuard,
  oppositesGuard,
  namesGuard,
  rolesGuard,
  signsGuard,
  ...phraseGuards,
]

/** The names of those whose `differ` refuses a candidate, unless a fit of the user says otherwise. */
export const VETOES: readonly string[] = guards.filter(({ vetoes }) => vetoes).map(({ name }) => name)

/** Whether one of the guards that may refuse does so. */
export function isVetoedBy(findings: readonly Finding[], fit: CalibratedParameters | undefined): boolean {
  const vetoes = fit?.recalibration?.vetoes ?? VETOES
  return findings.some(({ guard, verdict }) => verdict === 'differ' && vetoes.includes(guard))
}
