/**
 * Members by name of their group. Most groups have one member (an exact history gives almost every entry a scope of its
 * own), and that one is held without a Set, which would cost 200 bytes.
 */
export class Groups<Member extends object> {
  readonly #groups = new Map<string, Member | Set<Member>>()

  get size(): number {
    return this.#groups.size
  }

  add(name: string, member: Member): void {
    const group = this.#groups.get(name)
    if (group === undefined) this.#groups.set(name, member)
    else if (group instanceof Set) group.add(member)
    else if (group !== member) this.#groups.set(name, new Set([group, member]))
  }

  remove(name: string, member: Member): void {
    const group = this.#groups.get(name)
    if (group instanceof Set) {
      group.delete(member)
      if (group.size === 0) this.#groups.delete(name)
    } else if (group === member) this.#groups.delete(name)
  }

  removeAll(name: string): void {
    this.#groups.delete(name)
  }

  count(name: string): number {
    const group = this.#groups.get(name)
    if (group === undefined) return 0
    return group instanceof Set ? group.size : 1
  }

  members(name: string): Iterable<Member> {
    const group = this.#groups.get(name)
    if (group === undefined) return []
    return group instanceof Set ? group : [group]
  }
}
