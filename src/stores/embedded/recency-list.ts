/** A member of a `RecencyList`; the list alone changes these fields. */
export interface Listed<Item> {
  newer: Item | undefined
  older: Item | undefined
}

/**
 * Items in order of use, linked through the items themselves: two pointers per item, and no rehashing that would stall
 * a lookup as moving keys within a Map does.
 */
export class RecencyList<Item extends Listed<Item>> {
  #newest: Item | undefined
  #oldest: Item | undefined

  get oldest(): Item | undefined {
    return this.#oldest
  }

  add(item: Item): void {
    item.older = this.#newest
    item.newer = undefined
    if (this.#newest) this.#newest.newer = item
    else this.#oldest = item
    this.#newest = item
  }

  remove(item: Item): void {
    if (item.newer) item.newer.older = item.older
    else this.#newest = item.older
    if (item.older) item.older.newer = item.newer
    else this.#oldest = item.newer
    item.newer = undefined
    item.older = undefined
  }

  touch(item: Item): void {
    if (item === this.#newest) return
    this.remove(item)
    this.add(item)
  }
}
