import { CacheError } from '../../../core/errors.ts'
import { parsedJson, readTextFile } from '../traffic/read-traffic.ts'

/** Wordings of one question that may share an answer, and look-alikes of which each needs its own. */
export interface Family {
  readonly id: string
  readonly lang: string
  readonly q: string
  readonly same: readonly string[]
  readonly diff: readonly { readonly t: string; readonly why: string }[]
}

/** @throws CacheError INVALID_OPTION naming file and line */
export async function readFamilies(path: string): Promise<{ families: Family[]; text: string }> {
  const text = await readTextFile(path)
  const file = path.replace(/^.*\//, '').replace(/\.jsonl$/, '')
  const families = text.split('\n').flatMap((raw, index) => {
    if (raw.trim() === '') return []
    const value = parsedJson(raw) as Partial<Family> | null
    const isFamily = typeof value?.q === 'string' && Array.isArray(value.same) && Array.isArray(value.diff)
    if (!isFamily) {
      const got = raw.slice(0, 60)
      throw new CacheError('INVALID_OPTION', `${path}:${index + 1}: a family must be { q, same, diff }, got ${got}`)
    }
    return [{ id: `${file}-${index + 1}`, lang: file.slice(0, 2), ...value } as Family]
  })
  return { families, text }
}

/** One thing that is asked, in the wordings people have for it. */
export interface Question {
  readonly answerId: string
  readonly lang: string
  readonly kind: 'question' | 'look-alike'
  readonly wordings: readonly string[]
}

/** Look-alikes are questions of their own: they come as often as their rank says, and have one wording. */
export function questionsOf(families: readonly Family[]): Question[] {
  return families.flatMap(({ id, lang, q, same, diff }) => [
    { answerId: id, lang, kind: 'question' as const, wordings: [q, ...same] },
    ...diff.map(({ t }, index) => ({
      answerId: `${id}-differs-${index + 1}`,
      lang,
      kind: 'look-alike' as const,
      wordings: [t],
    })),
  ])
}
