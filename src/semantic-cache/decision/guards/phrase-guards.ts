import { type Facet, matchFacets } from './facets.ts'
import { finding, type Guard } from './guard.ts'

/** A guard that differs where each text says something of the facet that the other does not, and they share nothing. */
function phraseGuard(name: string, facet: Facet): Guard {
  return {
    name,
    vetoes: false,
    inspect({ asked, stored }) {
      const { shared, leftOnly, rightOnly } = matchFacets(asked, stored)[facet]
      const seen = [leftOnly.join(', '), rightOnly.join(', ')] as const
      if (leftOnly.length > 0 && rightOnly.length > 0) return finding(name, shared === 0 ? 'differ' : 'unsure', ...seen)
      if (leftOnly.length + rightOnly.length > 0) return finding(name, 'unsure', ...seen)
      return finding(name, 'agree')
    },
  }
}

export const phraseGuards: readonly Guard[] = [
  phraseGuard('quantifiers', 'quantifier'),
  phraseGuard('comparatives', 'comparison'),
  phraseGuard('pronouns', 'pronoun'),
  phraseGuard('tense', 'tense'),
  phraseGuard('modality', 'modality'),
  phraseGuard('question-type', 'question'),
  phraseGuard('conditions', 'condition'),
  phraseGuard('sequence', 'order'),
  phraseGuard('form', 'form'),
  phraseGuard('action', 'action'),
  phraseGuard('direction', 'direction'),
]
