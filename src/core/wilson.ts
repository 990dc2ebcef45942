const Z_95 = 1.959964

/** The 95 % interval of a share, by Wilson; [0, 1] without observations. */
export function wilson(count: number, of: number): readonly [low: number, high: number] {
  if (of === 0) return [0, 1]
  const share = count / of
  const scale = 1 + Z_95 ** 2 / of
  const centre = (share + Z_95 ** 2 / (2 * of)) / scale
  const half = (Z_95 / scale) * Math.sqrt((share * (1 - share)) / of + Z_95 ** 2 / (4 * of ** 2))
  return [count === 0 ? 0 : Math.max(0, centre - half), count === of ? 1 : Math.min(1, centre + half)]
}
