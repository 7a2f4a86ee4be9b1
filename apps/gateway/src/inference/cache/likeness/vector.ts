const LARGEST = 127;

/** A direction in whole numbers: a quarter of the room, and the angle to another changes by less than a hundredth. */
export function quantize(vector: Float32Array): Int8Array {
  const longest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = longest === 0 ? 0 : LARGEST / longest;
  return Int8Array.from(vector, (value) => Math.round(value * scale));
}

/** The cosine of the angle between two directions; 0 where they cannot be compared. */
export function similarityOf(one: Int8Array, other: Int8Array): number {
  if (one.length !== other.length) return 0;
  let product = 0;
  let oneSquared = 0;
  let otherSquared = 0;
  for (let index = 0; index < one.length; index += 1) {
    const a = one[index] ?? 0;
    const b = other[index] ?? 0;
    product += a * b;
    oneSquared += a * a;
    otherSquared += b * b;
  }
  const lengths = Math.sqrt(oneSquared) * Math.sqrt(otherSquared);
  return lengths === 0 ? 0 : product / lengths;
}
