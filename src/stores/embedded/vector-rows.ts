/** Holds a row; the rows alone change the number. */
export interface RowOwner {
  row: number
}

const ROW_BITS = 7
const ROWS_PER_CHUNK = 1 << ROW_BITS

/**
 * Vectors of one length, row by row in chunks of `Float32Array`, always dense: a removed row is filled with the last
 * one. Chunks never have to be copied to grow, so no write stalls the process.
 */
export class VectorRows<Owner extends RowOwner> {
  readonly dimensions: number
  readonly #chunks: Float32Array[] = []
  readonly #owners: Owner[] = []

  constructor(dimensions: number) {
    this.dimensions = dimensions
  }

  get size(): number {
    return this.#owners.length
  }

  add(owner: Owner, vector: Float32Array): void {
    const row = this.#owners.length
    owner.row = row
    this.#owners.push(owner)
    if (row >> ROW_BITS === this.#chunks.length) {
      this.#chunks.push(new Float32Array(ROWS_PER_CHUNK * this.dimensions))
    }
    this.view(row).set(vector)
  }

  /** Does not touch the owner, which may have moved to other rows already. */
  remove({ row }: RowOwner): void {
    const last = this.#owners.pop()
    const lastRow = this.#owners.length
    if (last && lastRow !== row) {
      this.view(row).set(this.view(lastRow))
      last.row = row
      this.#owners[row] = last
    }
    // One empty chunk stays, so that a store at its bound does not allocate one with every write.
    const needed = ((this.#owners.length + ROWS_PER_CHUNK - 1) >> ROW_BITS) + 1
    if (this.#chunks.length > needed) this.#chunks.length = needed
  }

  /** The row itself, for reading at once: it is another's after the next removal. */
  view(row: number): Float32Array {
    const start = (row & (ROWS_PER_CHUNK - 1)) * this.dimensions
    return (this.#chunks[row >> ROW_BITS] as Float32Array).subarray(start, start + this.dimensions)
  }

  /** Hands the closest rows to `offer`, which returns the similarity that a row must exceed to be offered from then on. */
  scan(query: Float32Array, offer: (owner: Owner, similarity: number) => number): void {
    const size = this.#owners.length
    let bar = Number.NEGATIVE_INFINITY
    for (let first = 0; first < size; first += ROWS_PER_CHUNK) {
      const chunk = this.#chunks[first >> ROW_BITS] as Float32Array
      const end = Math.min(size, first + ROWS_PER_CHUNK)
      for (let row = first, at = 0; row < end; row++, at += this.dimensions) {
        const similarity = dotAt(chunk, at, query)
        if (similarity > bar) bar = offer(this.#owners[row] as Owner, similarity)
      }
    }
  }

  similarity(row: number, query: Float32Array): number {
    return dotAt(this.#chunks[row >> ROW_BITS] as Float32Array, (row & (ROWS_PER_CHUNK - 1)) * this.dimensions, query)
  }
}

/** Four sums, so that an addition need not wait for the one before it. */
function dotAt(chunk: Float32Array, start: number, query: Float32Array): number {
  const length = query.length
  let at = start
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  let i = 0
  for (; i + 3 < length; i += 4, at += 4) {
    first += (chunk[at] as number) * (query[i] as number)
    second += (chunk[at + 1] as number) * (query[i + 1] as number)
    third += (chunk[at + 2] as number) * (query[i + 2] as number)
    fourth += (chunk[at + 3] as number) * (query[i + 3] as number)
  }
  for (; i < length; i++, at++) first += (chunk[at] as number) * (query[i] as number)
  return first + second + third + fourth
}
