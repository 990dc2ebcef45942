import type { CalibratedParameters } from '../parameters.ts'
import type { Language } from '../text/language.ts'
import anyEmbedder from './any.generated.ts'
import bgeSmallEn from './bge-small-en.generated.ts'
import bgeSmallZh from './bge-small-zh.generated.ts'
import miniLm from './minilm.generated.ts'
import staticEmbedder from './static.generated.ts'

const SOURCES = [staticEmbedder, miniLm, bgeSmallEn, bgeSmallZh, anyEmbedder]
let parsed: readonly CalibratedParameters[] | undefined

/** The shipped fits, parsed on first use. The last knows no embedder and is what the others fall back to. */
export function shippedFits(): readonly CalibratedParameters[] {
  parsed ??= SOURCES.map((source) => JSON.parse(source) as CalibratedParameters)
  return parsed
}

/**
 * The fit of an embedder for a language. An embedder without one, or asked in a language it was not fitted on, gets the
 * fit that judges by the texts alone.
 */
export function fitFor(
  fits: readonly CalibratedParameters[],
  embedderId: string,
  language: Language,
): CalibratedParameters | undefined {
  const id = embedderId.toLowerCase()
  const isOwn = ({ embedders, recalibration }: CalibratedParameters) =>
    recalibration ? recalibration.embedderId === embedderId : embedders.some((part) => id.includes(part.toLowerCase()))
  const own = fits.find((fit) => fit.languages.includes(language) && isOwn(fit))
  return own ?? fits.find((fit) => fit.embedders.length === 0 && fit.languages.includes(language))
}
