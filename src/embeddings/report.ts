import type { EmbedderNotice, EmbedOptions } from './embedder.ts'

/** Hands a notice to the caller's `report`; one that throws must not fail the embedding it only hears about. */
export function reportTo(report: EmbedOptions['report'], notice: EmbedderNotice): void {
  try {
    report?.(notice)
  } catch {
    // The cache's own listeners are counted where they are called; here there is nobody to tell.
  }
}
