import { mean } from './spread.ts';
import type { DataSet } from './data.ts';

export interface HullPoint {
  readonly model: string;
  readonly usdPer1000: number;
  readonly quality: number;
}

/** The models on the upper convex hull of cost and quality: what mixing fixed models at random can reach. */
export function costQualityHull(set: DataSet): readonly HullPoint[] {
  const points = set.models
    .map((model, at) => ({
      model,
      usdPer1000: mean(set.rows.map((row) => row.usdPer1000[at] ?? 0)),
      quality: mean(set.rows.map((row) => row.quality[at] ?? 0)),
    }))
    .sort((a, b) => a.usdPer1000 - b.usdPer1000);
  const hull: HullPoint[] = [];
  for (const point of points) {
    while (isBelow(hull, point)) hull.pop();
    const last = hull.at(-1);
    if (last === undefined || point.quality > last.quality) hull.push(point);
  }
  return hull;
}

/** The quality that the hull gives for that money. */
export function hullQuality(hull: readonly HullPoint[], usdPer1000: number): number {
  const after = hull.findIndex((point) => point.usdPer1000 > usdPer1000);
  const [left, right] = after === -1 ? [hull.at(-1), undefined] : [hull[after - 1], hull[after]];
  if (left === undefined) return 0;
  if (right === undefined) return left.quality;
  const share = (usdPer1000 - left.usdPer1000) / (right.usdPer1000 - left.usdPer1000);
  return left.quality + share * (right.quality - left.quality);
}

/** Does the last point lie under the line from the one before it to the new one? */
function isBelow(hull: readonly HullPoint[], next: HullPoint): boolean {
  const [before, last] = hull.slice(-2);
  if (before === undefined || last === undefined) return false;
  const slope = (from: HullPoint, to: HullPoint): number =>
    (to.quality - from.quality) / (to.usdPer1000 - from.usdPer1000);
  return slope(before, last) <= slope(before, next);
}
