import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Two questions and whether the answer to one may be given to the other. */
export interface LabelledPair {
  readonly language: 'en' | 'zh'
  readonly set: string
  /** The kind of difference of a look-alike. */
  readonly kind: string
  readonly isSame: boolean
  readonly asked: string
  readonly stored: string
}

/** Files of the families that no shipped fit of an embedder has seen (scripts/calibration/fit.py, HELD_APART and STATIC_FILES). */
export function heldApart(embedder: string): readonly string[] {
  return embedder === 'static' ? ['en-8', 'zh-4'] : ['en-4', 'en-8', 'zh-4']
}

export interface Family {
  readonly file: string
  readonly q: string
  readonly same: readonly string[]
  readonly diff: readonly { readonly t: string; readonly why: string }[]
}

export function families(data: string): Family[] {
  const folder = join(data, 'families')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) =>
      rows<Omit<Family, 'file'>>(join(folder, name)).map((row) => ({ ...row, file: name.slice(0, -'.jsonl'.length) })),
    )
}

/** All 6 true and 16 look-alike pairs of each family. */
export function familyPairs(all: readonly Family[], held: readonly string[]): LabelledPair[] {
  return all.flatMap(({ file, q, same, diff }) => {
    const language = file.startsWith('zh') ? 'zh' : 'en'
    const set = `families-${language} ${held.includes(file) ? '(held apart)' : '(fitted on)'}`
    const texts = [q, ...same]
    const pair = (stored: string, asked: string, isSame: boolean, kind: string): LabelledPair => ({
      language,
      set,
      kind,
      isSame,
      asked,
      stored,
    })
    return [
      ...texts.flatMap((stored, i) => texts.slice(i + 1).map((asked) => pair(stored, asked, true, 'same'))),
      ...texts.flatMap((stored) => diff.map(({ t, why }) => pair(stored, t, false, why))),
    ]
  })
}

/** gold.jsonl, and the public sets with their raw labels. */
export function publicPairs(data: string): LabelledPair[] {
  interface Row {
    lang: 'en' | 'zh'
    src: string
    cat: string
    a: string
    b: string
    label: 0 | 1
  }
  const read = (name: string) => {
    const path = join(data, 'quality', name)
    return existsSync(path) ? rows<Row>(path) : []
  }
  const pair = (row: Row, set: string): LabelledPair => ({
    language: row.lang,
    set,
    kind: row.cat ?? row.src,
    isSame: row.label === 1,
    asked: row.b,
    stored: row.a,
  })
  return [
    ...read('gold.jsonl').map((row) => pair(row, `gold-${row.lang}`)),
    ...read('pairs.jsonl').map((row) => pair(row, row.src)),
  ]
}

export function mockData(data: string): { origin: string; similar: string }[] {
  const path = join(data, 'quality', 'gptcache-mock-data.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { origin: string; similar: string }[]) : []
}

function rows<Row>(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row)
}
