/** The 95 % Wilson interval of a share: [0, 1] when nothing was counted. */
export function wilson(count: number, of: number): readonly [number, number] {
  if (of === 0) return [0, 1]
  const z = 1.96
  const share = count / of
  const scale = 1 + z ** 2 / of
  const centre = (share + z ** 2 / (2 * of)) / scale
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))
  return [Math.max(0, centre - half), Math.min(1, centre + half)]
}
