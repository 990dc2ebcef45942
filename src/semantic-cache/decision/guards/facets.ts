import type { Analysis } from '../text/analysis.ts'
import { FACETS } from '../text/phrases.ts'

/** What two texts say about one facet: marks of both and of one alone. */
export interface FacetMatch {
  readonly shared: number
  readonly leftOnly: readonly string[]
  readonly rightOnly: readonly string[]
}

export type Facet = (typeof FACETS)[number]

/** Compares the marks of every facet, as sets. */
export function matchFacets(left: Analysis, right: Analysis): Record<Facet, FacetMatch> {
  // A dozen guards and the features ask for the same two texts one after the other.
  if (last?.left !== left || last.right !== right) last = { left, right, matches: compareFacets(left, right) }
  return last.matches
}

let last: { left: Analysis; right: Analysis; matches: Record<Facet, FacetMatch> } | undefined

function compareFacets(left: Analysis, right: Analysis): Record<Facet, FacetMatch> {
  const a = sets(left)
  const b = sets(right)
  const matches = {} as Record<Facet, FacetMatch>
  for (const facet of FACETS) {
    const ours = a.get(facet) ?? EMPTY
    const theirs = b.get(facet) ?? EMPTY
    const leftOnly = [...ours].filter((mark) => !theirs.has(mark))
    matches[facet] = {
      shared: ours.size - leftOnly.length,
      leftOnly,
      rightOnly: [...theirs].filter((mark) => !ours.has(mark)),
    }
  }
  return matches
}

const EMPTY: ReadonlySet<string> = new Set()

function sets({ marks }: Analysis): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { facet, mark } of marks) {
    const known = found.get(facet)
    if (known) known.add(mark)
    else found.set(facet, new Set([mark]))
  }
  return found
}
