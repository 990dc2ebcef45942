type Point = readonly [x: number, y: number]

/**
 * No more points than a chart of this many pixels can show, by keeping the lowest and highest of every pixel-wide group,
 * so that no spike is lost. Points come in order of x.
 */
export function thinned(points: readonly Point[], widthPixels: number): readonly Point[] {
  const groups = Math.max(1, Math.floor(widthPixels / 2))
  if (points.length <= groups * 2) return points
  const kept = new Set<Point>()
  for (let group = 0; group < groups; group++) {
    const from = Math.floor((group * points.length) / groups)
    const to = Math.floor(((group + 1) * points.length) / groups)
    let low = points[from] as Point
    let high = low
    for (let i = from; i < to; i++) {
      const point = points[i] as Point
      if (point[1] < low[1]) low = point
      if (point[1] > high[1]) high = point
    }
    kept.add(low).add(high)
  }
  return points.filter((point, i) => i === 0 || i === points.length - 1 || kept.has(point))
}
