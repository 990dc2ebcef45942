import { readFileSync } from 'node:fs'
import type { CalibratedParameters } from '../parameters.ts'
import type { Language } from '../text/language.ts'

/** What each shipped file is for; a file is read when an embedder and a language first need it. */
const SHIPPED: readonly Pick<CalibratedParameters, 'name' | 'embedders' | 'languages'>[] = [
  { name: 'static', embedders: ['reprise/static'], languages: ['en', 'zh'] },
  { name: 'minilm', embedders: ['minilm-l6-v2', 'onnx/4dc018c20fb796c6926ce37e'], languages: ['en'] },
  { name: 'bge-small-en', embedders: ['bge-small-en-v1.5', 'onnx/bab8b55f4ec4648d631942d0'], languages: ['en'] },
  { name: 'bge-small-zh', embedders: ['bge-small-zh-v1.5', 'onnx/0670941e684beb989ae4cf07'], languages: ['zh'] },
  { name: 'any', embedders: [], languages: ['en', 'zh'] },
]
const read = new Map<string, CalibratedParameters>()

/** All shipped fits. The last knows no embedder and is what the others fall back to. */
export function shippedFits(): readonly CalibratedParameters[] {
  return SHIPPED.map(({ name }) => shippedFit(name))
}

/**
 * The fit of an embedder for a language: the first of `own`, else a shipped one. An embedder without one, or asked in a
 * language it was not fitted on, gets the fit that judges by the texts alone.
 */
export function fitFor(
  own: readonly CalibratedParameters[],
  embedderId: string,
  language: Language,
): CalibratedParameters | undefined {
  const id = embedderId.toLowerCase()
  const isOf = ({ embedders, recalibration }: Pick<CalibratedParameters, 'embedders' | 'recalibration'>) =>
    recalibration ? recalibration.embedderId === embedderId : embedders.some((part) => id.includes(part.toLowerCase()))
  const isForAll = ({ embedders }: Pick<CalibratedParameters, 'embedders'>) => embedders.length === 0
  for (const fits of [isOf, isForAll]) {
    const found = own.find((fit) => fit.languages.includes(language) && fits(fit))
    if (found) return found
    const shipped = SHIPPED.find((fit) => fit.languages.includes(language) && fits(fit))
    if (shipped) return shippedFit(shipped.name)
  }
  return undefined
}

function shippedFit(name: string): CalibratedParameters {
  const known = read.get(name)
  if (known) return known
  const file = new URL(`./${name}.json`, import.meta.url)
  const fit = JSON.parse(readFileSync(file, 'utf8')) as CalibratedParameters
  read.set(name, fit)
  return fit
}
