import { CHINESE_PHRASES } from './phrases-chinese.ts'
import { ENGLISH_PHRASES } from './phrases-english.ts'

/** One thing a phrase says: `facet` is what it speaks about, `mark` what it says about it. */
export interface Mark {
  readonly facet: string
  readonly mark: string
  /** Index of the first token of the phrase. */
  readonly at: number
}

interface Table {
  readonly said: ReadonlyMap<string, readonly { readonly facet: string; readonly mark: string }[]>
  /** The longest phrase, in words, that begins with a word. */
  readonly longest: ReadonlyMap<string, number>
}

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

const english = lazily(() => parse(ENGLISH_PHRASES, ' '))
const chinese = lazily(() => parse(CHINESE_PHRASES, ''))

/** All marks of a text. `words` are the lower-case tokens; Chinese phrases are runs of single characters. */
export function marksOf(words: readonly string[], lemmas: readonly string[], language: 'en' | 'zh' | 'other'): Mark[] {
  if (language === 'other') return []
  const { said: table, longest } = language === 'zh' ? chinese() : english()
  const glue = language === 'zh' ? '' : ' '
  const marks: Mark[] = []
  for (let i = 0; i < words.length; ) {
    let step = 1
    for (let length = Math.min(longest.get(words[i] as string) ?? 1, words.length - i); length > 0; length--) {
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

function parse(source: string, glue: string): Table {
  const said = new Map<string, { facet: string; mark: string }[]>()
  const longest = new Map<string, number>()
  for (const line of source.trim().split('\n')) {
    const colon = line.indexOf(':')
    const [facet = '', mark = ''] = line.slice(0, colon).split(' ')
    for (const phrase of line.slice(colon + 1).split(',')) {
      const key = phrase.trim()
      if (!key) continue
      const words = key.split(glue)
      const [first = ''] = words
      longest.set(first, Math.max(words.length, longest.get(first) ?? 1))
      const known = said.get(key)
      if (known) known.push({ facet, mark })
      else said.set(key, [{ facet, mark }])
    }
  }
  return { said, longest }
}

function lazily<Value>(make: () => Value): () => Value {
  let value: Value | undefined
  return () => {
    value ??= make()
    return value
  }
}
