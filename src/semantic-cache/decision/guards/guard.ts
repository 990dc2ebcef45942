import type { Finding } from '../policy.ts'
import type { Alignment } from '../text/alignment.ts'
import type { Analysis } from '../text/analysis.ts'

/** Two analysed texts with what answers to what; guards read nothing else. */
export interface Comparison {
  readonly asked: Analysis
  readonly stored: Analysis
  readonly alignment: Alignment
}

/** Looks at one kind of difference. Pure, and symmetric but for what it prints. */
export interface Guard {
  readonly name: string
  /** True when a `differ` of this guard refuses the candidate whatever the rest says. */
  readonly vetoes: boolean
  inspect(comparison: Comparison): Finding
}

/** A finding; texts that were not seen are left out. */
export function finding(guard: string, verdict: Finding['verdict'], asked?: string, stored?: string): Finding {
  return { guard, verdict, ...(asked ? { asked } : {}), ...(stored ? { stored } : {}) }
}
