import type { Analysis } from '../text/analysis.ts'
import type { Quantity } from '../text/quantities.ts'
import { finding, type Guard } from './guard.ts'

/** How the numbers of two texts go together. */
export interface NumberMatch {
  readonly shared: number
  readonly leftOnly: readonly Quantity[]
  readonly rightOnly: readonly Quantity[]
  /** Same value, but a unit of another kind or size: 5 km and 5 miles. */
  readonly unitConflicts: number
}

/** Pairs equal amounts whatever their spelling: `two` and 2, 1 kg and 1000 g, 一斤 and 500 克. */
export function matchNumbers(left: Analysis, right: Analysis): NumberMatch {
  const free = new Set(right.quantities)
  const leftOnly: Quantity[] = []
  let shared = 0
  const rest: Quantity[] = []
  const take = (fits: (other: Quantity) => boolean): boolean => {
    for (const other of free) {
      if (!fits(other)) continue
      free.delete(other)
      return true
    }
    return false
  }
  for (const quantity of left.quantities) {
    if (take((other) => equal(quantity, other))) shared++
    else rest.push(quantity)
  }
  let unitConflicts = 0
  for (const quantity of rest) {
    const other = [...free].find((candidate) => close(candidate.value, quantity.value))
    if (other && (other.dimension === 'plain' || quantity.dimension === 'plain' || loose(other, quantity))) {
      free.delete(other)
      shared++
    } else if (other && !other.soft && !quantity.soft) {
      unitConflicts++
      leftOnly.push(quantity)
    } else if (!quantity.soft) leftOnly.push(quantity)
  }
  // A number said twice on one side is no extra number.
  const repeated = (quantity: Quantity, others: readonly Quantity[]) => others.some((other) => equal(other, quantity))
  return {
    shared,
    leftOnly: leftOnly.filter((quantity) => !repeated(quantity, right.quantities)),
    rightOnly: [...free].filter((quantity) => !quantity.soft && !repeated(quantity, left.quantities)),
    unitConflicts,
  }
}

function equal(a: Quantity, b: Quantity): boolean {
  return a.dimension === b.dimension && close(a.base, b.base)
}

/** Ages and years, ordinals and bare ranks are written either way. */
function loose(a: Quantity, b: Quantity): boolean {
  const both = `${a.dimension} ${b.dimension}`
  return /^(?:age time|time age|ordinal \S+|\S+ ordinal|pound \S+|\S+ pound|degree temperature-\S|temperature-\S degree)$/.test(
    both,
  )
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b))
}

/** Different amounts or units on both sides differ; a number on one side only is a doubt. */
export const numbersGuard: Guard = {
  name: 'numbers',
  vetoes: true,
  inspect({ asked, stored }) {
    const { leftOnly, rightOnly, unitConflicts, shared } = matchNumbers(asked, stored)
    const seen = [leftOnly, rightOnly].map((list) => list.map(({ text }) => text).join(', '))
    if ((leftOnly.length > 0 && rightOnly.length > 0) || unitConflicts > 0)
      return finding('numbers', 'differ', seen[0], seen[1])
    if (leftOnly.length + rightOnly.length > 0) return finding('numbers', 'unsure', seen[0], seen[1])
    return finding('numbers', 'agree', shared > 0 ? `${shared} equal` : undefined)
  },
}
