import { setImmediate } from 'node:timers/promises'
import { CacheError } from '../core/errors.ts'
import { unitVector } from '../core/vector.ts'
import type { Embedder, WordVector } from './embedder.ts'
import { reportTo } from './report.ts'
import { readStaticTable, type StaticTable } from './static-table.ts'
import { type Piece, splitText } from './static-tokenizer.ts'

const modelFile = new URL('./static-model/table.bin', import.meta.url)
/** Texts between two looks at the event loop: a large import must neither block a server nor outlive its abort. */
const textsPerTurn = 256
/** Below this squared length the rows of a text have cancelled each other out. */
const leastSquares = 1e-12

let loaded: StaticTable | undefined

/** Read once per process, on first use: importing the package costs nothing. */
function table(): StaticTable {
  loaded ??= readStaticTable(modelFile)
  return loaded
}

/**
 * The embedder inside the package: a table of word, phrase and Han-character vectors, distilled from small sentence
 * models. English, Chinese and both in one sentence; no key, no download, no native code. A text is the sum of its
 * rows, corrected by a small network, so word order counts only inside known expressions; docs/embedders.md says what
 * that costs.
 *
 * @example
 * const [vector] = await staticEmbedder().embed(['How do I reset my password?'])
 */
export function staticEmbedder(): Embedder {
  return {
    async describe() {
      const { digest, dimensions } = table()
      return { id: `reprise/static@${digest}/${dimensions}d/int8`, dimensions }
    },
    async embed(texts, { signal, report } = {}) {
      signal?.throwIfAborted()
      const vectors: Float32Array[] = []
      for (const [position, text] of texts.entries()) {
        if (position > 0 && position % textsPerTurn === 0) {
          await setImmediate()
          signal?.throwIfAborted()
        }
        vectors.push(textVector(text, table(), position))
      }
      // One turn of the microtask queue, so that an abort right after the call is honoured here as everywhere.
      await undefined
      signal?.throwIfAborted()
      if (texts.length > 0) reportTo(report, { what: 'usage', texts: texts.length, tokens: 0, usd: 0 })
      return vectors
    },
    wordVectors: (text) => wordVectors(text, table()),
  }
}

function textVector(text: string, model: StaticTable, position: number): Float32Array {
  if (text.trim() === '') {
    const where = `number ${position + 1} of the list has none`
    throw new CacheError('NOT_EMBEDDABLE', `a text must have more than white space, ${where}`)
  }
  const sum = new Float64Array(model.dimensions)
  let before: Piece | undefined
  for (const piece of splitText(text)) {
    model.addPiece(piece, sum)
    const isSpaced = piece.kind === 'word' || piece.kind === 'number'
    if (isSpaced && before) model.addPair(before, piece, sum)
    before = isSpaced ? piece : undefined
  }
  if (squares(sum) < leastSquares) model.addHashed(text, sum)
  const length = Math.sqrt(squares(sum))
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) / length
  model.correct(sum)
  return unitVector(sum, model.dimensions)
}

/** Words, numbers and the longest known units of Han text, each with its unit vector; punctuation is left out. */
function wordVectors(text: string, model: StaticTable): WordVector[] {
  const words: WordVector[] = []
  for (const piece of splitText(text)) {
    if (/^\p{P}/u.test(piece.text)) continue
    for (const word of piece.kind === 'han' ? hanWords(piece.text, model) : [piece.text]) {
      const sum = new Float64Array(model.dimensions)
      model.addPiece({ kind: piece.kind, text: word }, sum)
      const weight = Math.sqrt(squares(sum))
      if (weight > 0) words.push({ word, vector: unitVector(sum, model.dimensions), weight })
    }
  }
  return words
}

function hanWords(run: string, model: StaticTable): string[] {
  const characters = Array.from(run)
  const words: string[] = []
  for (let start = 0; start < characters.length; ) {
    const length = model.hanUnitLength(characters, start)
    words.push(characters.slice(start, start + length).join(''))
    start += length
  }
  return words
}

function squares(sum: Float64Array): number {
  let total = 0
  for (const value of sum) total += value * value
  return total
}
