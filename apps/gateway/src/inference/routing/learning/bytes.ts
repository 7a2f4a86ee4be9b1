import { DIMENSIONS, type Features } from './features.ts';
import type { Lesson, QualityState } from './quality-model.ts';

/** Changes with every change of what a slot means: older bytes are then refused, and the log is learned again. */
const FORMAT = 1;
const STATE_HEADER_BYTES = 28;
const LESSON_HEADER_BYTES = 24;

/** Lays a model out for a `bytea` column: 129 kB, most of it zeros at first. */
export function stateToBytes(state: QualityState): Uint8Array {
  const view = new DataView(new ArrayBuffer(STATE_HEADER_BYTES + 8 * DIMENSIONS));
  view.setUint32(0, FORMAT, true);
  view.setFloat64(4, state.prior.mean, true);
  view.setFloat64(12, state.prior.worth, true);
  view.setFloat64(20, state.lessons, true);
  writeFloats(view, STATE_HEADER_BYTES, state.weights);
  writeFloats(view, STATE_HEADER_BYTES + 4 * DIMENSIONS, state.evidence);
  return new Uint8Array(view.buffer);
}

/** `undefined`: not a model of this format. */
export function stateFromBytes(bytes: Uint8Array): QualityState | undefined {
  if (bytes.length !== STATE_HEADER_BYTES + 8 * DIMENSIONS) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== FORMAT) return undefined;
  return {
    prior: { mean: view.getFloat64(4, true), worth: view.getFloat64(12, true) },
    lessons: view.getFloat64(20, true),
    weights: readFloats(view, STATE_HEADER_BYTES, DIMENSIONS),
    evidence: readFloats(view, STATE_HEADER_BYTES + 4 * DIMENSIONS, DIMENSIONS),
  };
}

export function featuresToBytes({ indexes, values }: Features): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 + 6 * indexes.length));
  view.setUint32(0, FORMAT, true);
  writeFloats(view, 4, values);
  for (const [at, index] of indexes.entries())
    view.setUint16(4 + 4 * indexes.length + 2 * at, index, true);
  return new Uint8Array(view.buffer);
}

/** `undefined`: not features of this format. */
export function featuresFromBytes(bytes: Uint8Array): Features | undefined {
  const count = (bytes.length - 4) / 6;
  if (!Number.isInteger(count) || count < 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== FORMAT) return undefined;
  const indexes = new Uint16Array(count);
  for (let at = 0; at < count; at += 1) indexes[at] = view.getUint16(4 + 4 * count + 2 * at, true);
  if (indexes.some((index) => index >= DIMENSIONS)) return undefined;
  return { indexes, values: readFloats(view, 4, count) };
}

/** A lesson, for the table through which several processes learn together: some ten bytes per word of the prompt. */
export function lessonToBytes(lesson: Lesson): Uint8Array {
  const features = featuresToBytes(lesson.features);
  const bytes = new Uint8Array(LESSON_HEADER_BYTES + 4 * lesson.steps.length + features.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, FORMAT, true);
  view.setUint32(4, lesson.steps.length, true);
  view.setFloat64(8, lesson.curvature, true);
  view.setFloat64(16, lesson.at, true);
  writeFloats(view, LESSON_HEADER_BYTES, lesson.steps);
  bytes.set(features, LESSON_HEADER_BYTES + 4 * lesson.steps.length);
  return bytes;
}

/** `undefined`: not a lesson of this format. */
export function lessonFromBytes(bytes: Uint8Array): Lesson | undefined {
  if (bytes.length < LESSON_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(4, true);
  const end = LESSON_HEADER_BYTES + 4 * count;
  if (view.getUint32(0, true) !== FORMAT || bytes.length < end) return undefined;
  const features = featuresFromBytes(bytes.subarray(end));
  if (features?.indexes.length !== count) return undefined;
  return {
    features,
    steps: readFloats(view, LESSON_HEADER_BYTES, count),
    curvature: view.getFloat64(8, true),
    at: view.getFloat64(16, true),
  };
}

function writeFloats(view: DataView, offset: number, floats: Float32Array): void {
  for (const [at, value] of floats.entries()) view.setFloat32(offset + 4 * at, value, true);
}

function readFloats(view: DataView, offset: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, at) => view.getFloat32(offset + 4 * at, true));
}
