import type { Alignment } from './alignment.ts'
import type { Analysis, Unit } from './analysis.ts'
import { relationOf } from './lexicon.ts'

/** How one text would be turned into the other in place: what stands where the other has something else, or nothing. */
export interface Edits {
  /** Runs of words that stand between the same words as another run of the other text. */
  readonly substituted: number
  /** Runs that one text alone has, between words that follow each other in the other. */
  readonly leftAdded: number
  readonly rightAdded: number
  /** The rarest word of the substituted runs, of either side. */
  readonly rarest: readonly [left: number, right: number]
  readonly rarestAdded: number
  /** Substituted runs of which the lists know that their words are related: opposites, siblings, one broader. */
  readonly related: number
}

export function editsOf({
  asked,
  stored,
  alignment,
}: {
  readonly asked: Analysis
  readonly stored: Analysis
  readonly alignment: Alignment
}): Edits {
  const a = asked.units
  const b = stored.units
  const toRight = new Int32Array(a.length).fill(-1)
  const toLeft = new Int32Array(b.length).fill(-1)
  for (const { left, right } of alignment.pairs) {
    toRight[left] = right
    toLeft[right] = left
  }
  let substituted = 0
  let leftAdded = 0
  let rightAdded = 0
  let related = 0
  let rarestLeft = 0
  let rarestRight = 0
  let rarestAdded = 0
  for (const [start, end] of runsOf(toRight)) {
    const from = start === 0 ? 0 : (toRight[start - 1] as number) + 1
    const to = end === a.length ? b.length : (toRight[end] as number)
    if (to < from || !isFree(toLeft, from, to)) continue
    if (from === to) {
      leftAdded++
      rarestAdded = Math.max(rarestAdded, rarestOf(a, start, end))
      continue
    }
    substituted++
    rarestLeft = Math.max(rarestLeft, rarestOf(a, start, end))
    rarestRight = Math.max(rarestRight, rarestOf(b, from, to))
    if (end - start <= 3 && to - from <= 3 && areRelated(a, start, end, b, from, to)) related++
  }
  for (const [start, end] of runsOf(toLeft)) {
    const from = start === 0 ? 0 : (toLeft[start - 1] as number) + 1
    const to = end === b.length ? a.length : (toLeft[end] as number)
    if (from !== to) continue
    rightAdded++
    rarestAdded = Math.max(rarestAdded, rarestOf(b, start, end))
  }
  return { substituted, leftAdded, rightAdded, rarest: [rarestLeft, rarestRight], rarestAdded, related }
}

function runsOf(partners: Int32Array): [number, number][] {
  const runs: [number, number][] = []
  for (let i = 0; i < partners.length; i++) {
    if (partners[i] !== -1) continue
    const start = i
    while (i < partners.length && partners[i] === -1) i++
    runs.push([start, i])
  }
  return runs
}

function isFree(partners: Int32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (partners[i] !== -1) return false
  return true
}

function rarestOf(units: readonly Unit[], from: number, to: number): number {
  let rarest = 0
  for (let i = from; i < to; i++) rarest = Math.max(rarest, (units[i] as Unit).rarity)
  return rarest
}

function areRelated(
  a: readonly Unit[],
  start: number,
  end: number,
  b: readonly Unit[],
  from: number,
  to: number,
): boolean {
  for (let i = start; i < end; i++) {
    for (let j = from; j < to; j++) {
      const relation = relationOf((a[i] as Unit).lemma, (b[j] as Unit).lemma)
      if (relation !== 'none') return true
    }
  }
  return false
}
