/** Things to come, in order of their virtual time; of two at the same time the first added goes first. */
export class VirtualEvents<Event> {
  readonly #heap: { readonly at: number; readonly order: number; readonly event: Event }[] = []
  #added = 0

  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  add(at: number, event: Event): void {
    const heap = this.#heap
    heap.push({ at, order: this.#added++, event })
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1
      if (!this.#isBefore(i, parent)) return
      this.#swap(i, parent)
      i = parent
    }
  }

  take(): { readonly at: number; readonly event: Event } | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    heap[0] = last
    for (let i = 0; ; ) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && this.#isBefore(child, least)) least = child
      }
      if (least === i) return first
      this.#swap(i, least)
      i = least
    }
  }

  #isBefore(i: number, j: number): boolean {
    const a = this.#heap[i]
    const b = this.#heap[j]
    if (!a || !b) return false
    return a.at !== b.at ? a.at < b.at : a.order < b.order
  }

  #swap(i: number, j: number): void {
    const held = this.#heap[i]
    const other = this.#heap[j]
    if (held && other) {
      this.#heap[i] = other
      this.#heap[j] = held
    }
  }
}
