import { AsyncLocalStorage } from 'node:async_hooks'

/** Work that others may wait for, as far as it matters to who would wait for himself. */
export class Work {
  isOver = false
  /** Other work this one waits, or has waited, for. */
  readonly waitsFor = new Set<Work>()
  /** Keys of leases that were taken for it. */
  readonly leases = new Set<string>()
}

interface Inside {
  readonly work: Work
  readonly outer: Inside | undefined
}

/** What the current code is being run for: a call that asks the cache again may be inside several. */
const inside = new AsyncLocalStorage<Inside>()

/** Runs code as part of a work, whatever else it is part of. */
export function asPartOf<Result>(work: Work, run: () => Result): Result {
  // What is over can be no reason to wait, and is not to be kept alive by what comes after it.
  let outer = inside.getStore()
  while (outer?.work.isOver) outer = outer.outer
  return inside.run({ work, outer }, run)
}

/** True when waiting for `work` from here would be waiting for what runs here: the wait would never end. */
export function wouldWaitForItself(work: Work): boolean {
  const own = ownWork()
  return own.length > 0 && reaches(work, own, new Set())
}

/** From here on, what runs here waits for `work`. */
export function noteWaiting(work: Work): void {
  for (const own of ownWork()) own.waitsFor.add(work)
}

/** What runs here holds the lease, so it must not wait for it. */
export function noteLease(key: string): void {
  inside.getStore()?.work.leases.add(key)
}

export function holdsLease(key: string): boolean {
  return ownWork().some(({ leases }) => leases.has(key))
}

function ownWork(): readonly Work[] {
  const own: Work[] = []
  for (let at = inside.getStore(); at; at = at.outer) if (!at.work.isOver) own.push(at.work)
  return own
}

function reaches(from: Work, targets: readonly Work[], seen: Set<Work>): boolean {
  if (targets.includes(from)) return true
  seen.add(from)
  for (const next of from.waitsFor) {
    if (!next.isOver && !seen.has(next) && reaches(next, targets, seen)) return true
  }
  return false
}
