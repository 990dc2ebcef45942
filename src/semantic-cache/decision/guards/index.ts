import { datesGuard } from './dates.ts'
import type { Guard } from './guard.ts'
import { namesGuard } from './names.ts'
import { negationGuard } from './negation.ts'
import { numbersGuard } from './numbers.ts'
import { oppositesGuard } from './opposites.ts'
import { phraseGuards } from './phrase-guards.ts'
import { rolesGuard } from './roles.ts'

/** All guards, the vetoing ones first. */
export const guards: readonly Guard[] = [
  numbersGuard,
  datesGuard,
  negationGuard,
  oppositesGuard,
  namesGuard,
  rolesGuard,
  ...phraseGuards,
]
