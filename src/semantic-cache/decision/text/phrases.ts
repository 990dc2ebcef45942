import { CHINESE_PHRASES } from './phrases-chinese.ts'
import { ENGLISH_PHRASES } from './phrases-english.ts'

/** One thing a phrase says: `facet` is what it speaks about, `mark` what it says about it. */
export interface Mark {
  readonly facet: string
  readonly mark: string
  /** Index of the first token of the phrase. */
  readonly at: number
}

type Table = ReadonlyMap<string, readonly { readonly facet: string; readonly mark: string }[]>

export const FACETS = [
  'negation',
  'question',
  'modality',
  'tense',
  'pronoun',
  'quantifier',
  'comparison',
  'condition',
  'order',
  'join',
  'direction',
  'form',
  'action',
] as const

const LONGEST = 5
const english = lazily(() => parse(ENGLISH_PHRASES))
const chinese = lazily(() => parse(CHINESE_PHRASES))

/** All marks of a text. `words` are the lower-case tokens; Chinese phrases are runs of single characters. */
export function marksOf(words: readonly string[], lemmas: readonly string[], language: 'en' | 'zh' | 'other'): Mark[] {
  if (language === 'other') return []
  const table = language === 'zh' ? chinese() : english()
  const glue = language === 'zh' ? '' : ' '
  const marks: Mark[] = []
  for (let i = 0; i < words.length; ) {
    let step = 1
    for (let length = Math.min(LONGEST, words.length - i); length > 0; length--) {
      const phrase = length === 1 ? (words[i] as string) : words.slice(i, i + length).join(glue)
      const said = table.get(phrase) ?? (length === 1 ? table.get(lemmas[i] as string) : undefined)
      if (!said) continue
      for (const { facet, mark } of said) if (facet !== '-') marks.push({ facet, mark, at: i })
      step = length
      break
    }
    i += step
  }
  return marks
}

function parse(source: string): Table {
  const table = new Map<string, { facet: string; mark: string }[]>()
  for (const line of source.trim().split('\n')) {
    const colon = line.indexOf(':')
    const [facet = '', mark = ''] = line.slice(0, colon).split(' ')
    for (const phrase of line.slice(colon + 1).split(',')) {
      const key = phrase.trim()
      if (!key) continue
      const said = table.get(key)
      if (said) said.push({ facet, mark })
      else table.set(key, [{ facet, mark }])
    }
  }
  return table
}

function lazily<Value>(make: () => Value): () => Value {
  let value: Value | undefined
  return () => {
    value ??= make()
    return value
  }
}
