import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CacheError } from '../core/errors.ts'
import { hashText, longestHanUnit, type Piece, wordGrams } from './static-tokenizer.ts'

/** Four bytes at the start of the file; the number after them changes with the layout. */
const magic = 0x53505252
const layout = 2
/** Seeds of the rows an unknown symbol or number falls on: two, so that two of them rarely share both. */
const unknownSeeds = [1, 2]

interface Header {
  readonly dimensions: number
  readonly units: number
  readonly hashedRows: number
  readonly maxScale: number
  readonly vocabularyBytes: number
  /** Units of the network behind the sum. */
  readonly hidden: number
}

/**
 * The token table: one int8 row with a scale of its own per unit, then rows that unknown text is hashed to; and a small
 * network that corrects the direction of a sum, for what no sum can say: what a negation does to a whole text.
 */
export interface StaticTable {
  readonly dimensions: number
  /** First 16 hexadecimal digits of the SHA-256 of the whole file. */
  readonly digest: string
  /** Adds the rows of one piece to `sum`. */
  addPiece(piece: Piece, sum: Float64Array): void
  /** Adds the row of two pieces that follow each other, where the table knows them as one expression. */
  addPair(before: Piece, after: Piece, sum: Float64Array): void
  /** Adds a row chosen by the bare characters, for text that has no piece or whose rows cancel out. */
  addHashed(text: string, sum: Float64Array): void
  /** Adds the network's answer to a unit vector, which is no unit vector afterwards. */
  correct(vector: Float64Array): void
  /** Length of the longest unit of a Han run that the table knows at this place; at least 1. */
  hanUnitLength(run: readonly string[], start: number): number
}

export function readStaticTable(file: URL): StaticTable {
  const bytes = readFileSync(file)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < 12 || view.getUint32(0, true) !== magic || view.getUint32(4, true) !== layout) {
    throw new CacheError('EMBEDDER_FAILED', `${file.pathname} must be a static embedding table of layout ${layout}`)
  }
  const headerEnd = 12 + view.getUint32(8, true)
  const header = JSON.parse(bytes.toString('utf8', 12, headerEnd)) as Header
  const { dimensions, units, hashedRows, maxScale, vocabularyBytes, hidden } = header
  const rowCount = units + hashedRows
  const scalesAt = headerEnd + vocabularyBytes
  const valuesAt = scalesAt + 2 * rowCount
  const networkAt = valuesAt + rowCount * dimensions
  /** Of each hidden unit: its row of weights, its bias, its column of weights. */
  const stride = 2 * dimensions + 1
  if (bytes.byteLength !== networkAt + 4 * hidden * stride) {
    throw new CacheError('EMBEDDER_FAILED', `${file.pathname} is cut short or damaged: ${bytes.byteLength} bytes`)
  }
  const scales = new Float32Array(rowCount)
  for (let row = 0; row < rowCount; row++) scales[row] = (view.getUint16(scalesAt + 2 * row, true) / 65535) * maxScale
  const values = new Int8Array(bytes.buffer, bytes.byteOffset + valuesAt, rowCount * dimensions)
  const network = new Float64Array(hidden * stride)
  for (let i = 0; i < network.length; i++) network[i] = view.getFloat32(networkAt + 4 * i, true)
  const rowOf = new Map<string, number>()
  const vocabulary = bytes.toString('utf8', headerEnd, scalesAt).split('\n')
  for (let row = 0; row < units; row++) rowOf.set(vocabulary[row] as string, row)

  function addRow(row: number, weight: number, sum: Float64Array): void {
    const factor = (scales[row] as number) * weight
    const start = row * dimensions
    for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] as number) + factor * (values[start + i] as number)
  }

  const hashedRow = (text: string, seed: number) => units + (hashText(text, seed) % hashedRows)

  function addHashed(text: string, sum: Float64Array): void {
    for (const seed of unknownSeeds) addRow(hashedRow(text, seed), 1, sum)
  }

  function addWord(word: string, sum: Float64Array): void {
    const row = rowOf.get(word)
    if (row !== undefined) return addRow(row, 1, sum)
    if (word.includes("'")) {
      for (const part of word.split("'")) addWord(part, sum)
      return
    }
    const grams = wordGrams(word)
    for (const gram of grams) addRow(hashedRow(gram, 0), 1 / grams.length, sum)
  }

  function addHan(run: string, sum: Float64Array): void {
    const characters = Array.from(run)
    for (let start = 0; start < characters.length; start++) {
      let unit = ''
      for (let size = 1; size <= longestHanUnit && start + size <= characters.length; size++) {
        unit += characters[start + size - 1]
        const row = rowOf.get(unit)
        if (row !== undefined) addRow(row, 1, sum)
        else if (size === 1) addHashed(unit, sum)
      }
    }
  }

  return {
    dimensions,
    digest: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    addPiece({ kind, text }, sum) {
      if (kind === 'han') return addHan(text, sum)
      if (kind === 'word') return addWord(text, sum)
      const row = rowOf.get(text)
      if (row !== undefined) addRow(row, 1, sum)
      else addHashed(text, sum)
    },
    addPair(before, after, sum) {
      const row = rowOf.get(`${before.text} ${after.text}`)
      if (row !== undefined) addRow(row, 1, sum)
    },
    addHashed,
    correct(vector) {
      const input = vector.slice()
      for (let start = 0; start < network.length; start += stride) {
        let activation = network[start + dimensions] as number
        for (let i = 0; i < dimensions; i++) activation += (network[start + i] as number) * (input[i] as number)
        if (activation <= 0) continue
        const down = start + dimensions + 1
        for (let i = 0; i < dimensions; i++) {
          vector[i] = (vector[i] as number) + activation * (network[down + i] as number)
        }
      }
    },
    hanUnitLength(run, start) {
      let unit = ''
      let longest = 1
      for (let size = 1; size <= longestHanUnit && start + size <= run.length; size++) {
        unit += run[start + size - 1]
        if (rowOf.has(unit)) longest = size
      }
      return longest
    },
  }
}
