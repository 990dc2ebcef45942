import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** Two questions, and whether the answer to the stored one may be given to the asked one. */
export interface LabelledPair {
  readonly asked: string
  readonly stored: string
  readonly isSame: boolean
  /** Where it was read first, such as `pairs.jsonl:12`. */
  readonly at: string
}

export interface ReadPairs {
  readonly pairs: readonly LabelledPair[]
  /** Lines without a verdict, as recorded ones are before somebody judges them. */
  readonly unlabelled: number
  /** Lines that repeat an earlier pair with the same verdict. */
  readonly repeated: number
  /** Pairs of a text with itself: the same question is answered before any decision is asked, so they teach nothing. */
  readonly sameText: number
}

/** The input cannot be used; nothing was written. */
export class UnusableInput extends Error {
  override readonly name = 'UnusableInput'
}

const SHOWN = 5

/**
 * Reads files of JSON lines. A line is a pair `{ asked | a, stored | b }` with a verdict `correct | label` (true, false, 1,
 * 0), or without one; or a verdict by itself, `{ key, entryKey, correct }`, as `feedback` appends it, which belongs to
 * the recorded pair of the same keys, in whichever file. The last verdict on a recorded pair counts.
 *
 * @throws UnusableInput
 */
export async function readPairs(paths: readonly string[]): Promise<ReadPairs> {
  const drafts: Draft[] = []
  const verdicts = new Map<string, boolean>()
  for (const path of paths) await readFile(path, drafts, verdicts)
  const byPair = new Map<string, LabelledPair>()
  const contradictions: string[] = []
  const unlikeThemselves: string[] = []
  let unlabelled = 0
  let repeated = 0
  let sameText = 0
  for (const { asked, stored, at, isSame: own, id } of drafts) {
    const isSame = (id === undefined ? undefined : verdicts.get(id)) ?? own
    if (isSame === undefined) {
      unlabelled++
      continue
    }
    if (asked === stored) {
      sameText++
      if (!isSame) unlikeThemselves.push(`${at} (${JSON.stringify(asked)})`)
      continue
    }
    // Whether two questions may share an answer does not depend on which came first.
    const pairKey = JSON.stringify([asked, stored].sort())
    const known = byPair.get(pairKey)
    if (!known) byPair.set(pairKey, { asked, stored, isSame, at })
    else if (known.isSame === isSame) repeated++
    else contradictions.push(`${known.at} and ${at} (${JSON.stringify(asked)} / ${JSON.stringify(stored)})`)
  }
  if (unlikeThemselves.length > 0) {
    throw new UnusableInput(
      `${countOf(unlikeThemselves.length, 'pair')} of a text with itself labelled false; take out or correct:\n${listOf(unlikeThemselves)}`,
    )
  }
  if (contradictions.length > 0) {
    throw new UnusableInput(
      `${countOf(contradictions.length, 'pair')} labelled both ways; decide for one:\n${listOf(contradictions)}`,
    )
  }
  if (byPair.size === 0) {
    throw new UnusableInput(
      unlabelled > 0
        ? `none of ${countOf(unlabelled, 'pair')} has a label: add "correct": true or false to the lines, or let feedback do it (docs/tuning.md)`
        : `no pair in ${paths.join(', ')}: each line must be JSON such as {"asked": "…", "stored": "…", "correct": true}`,
    )
  }
  return { pairs: [...byPair.values()], unlabelled, repeated, sameText }
}

interface Draft {
  readonly asked: string
  readonly stored: string
  readonly isSame?: boolean
  readonly at: string
  readonly id?: string
}

async function readFile(path: string, drafts: Draft[], verdicts: Map<string, boolean>): Promise<void> {
  const flaws: string[] = []
  let number = 0
  try {
    for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
      number++
      const text = number === 1 ? line.replace(/^\uFEFF/, '') : line
      if (text.trim() === '') continue
      const at = `${path}:${number}`
      const flaw = readLine(text, at, drafts, verdicts)
      if (flaw) flaws.push(`${at}: ${flaw}`)
    }
  } catch (error) {
    throw new UnusableInput(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (flaws.length > 0) throw new UnusableInput(`${countOf(flaws.length, 'line')} cannot be used:\n${listOf(flaws)}`)
}

/** Returns what is wrong with a line. */
function readLine(text: string, at: string, drafts: Draft[], verdicts: Map<string, boolean>): string | undefined {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch {
    return 'not JSON'
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'not a JSON object'
  const { asked, a, stored, b, correct, label, key, entryKey } = row as Readonly<Record<string, unknown>>
  const given = correct ?? label
  const isSame = given === true || given === 1 ? true : given === false || given === 0 ? false : undefined
  if (given !== undefined && given !== null && isSame === undefined) {
    return `${correct === undefined ? 'label' : 'correct'} must be true, false, 1 or 0, got ${JSON.stringify(given)}`
  }
  const id = typeof key === 'string' && typeof entryKey === 'string' ? `${key} ${entryKey}` : undefined
  const [first, second] = [asked ?? a, stored ?? b]
  if (first === undefined && second === undefined && id !== undefined) {
    if (isSame === undefined) return 'a verdict must have "correct": true or false'
    verdicts.set(id, isSame)
    return undefined
  }
  if (typeof first !== 'string' || first.trim() === '') return '"asked" (or "a") must be a text'
  if (typeof second !== 'string' || second.trim() === '') return '"stored" (or "b") must be a text'
  drafts.push({ asked: first, stored: second, at, ...(isSame !== undefined && { isSame }), ...(id && { id }) })
  return undefined
}

export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** The first few, one a line. */
export function listOf(items: readonly string[]): string {
  const shown = items.slice(0, SHOWN).map((item) => `  ${item}`)
  const rest = items.length - shown.length
  return [...shown, ...(rest > 0 ? [`  … and ${rest} more`] : [])].join('\n')
}
