import { expect, test } from 'vitest';
import { RecordingRoom } from './recording.ts';

const MEBIBYTE = 1_024 * 1_024;

test('a recording gives what was noted, copied, until it is ended', () => {
  const room = new RecordingRoom();
  const recording = room.open();
  const chunk = Buffer.from('one ');
  recording.note(chunk);
  recording.note(Buffer.from('two'));
  chunk.fill(0);
  expect(recording.bytes()?.toString()).toBe('one two');
  expect(room.bytes).toBe(7);
  recording.end();
  expect(recording.bytes()).toBeUndefined();
  expect(room.bytes).toBe(0);
});

test('one that is too long, and those for which there is no room, are given up and take none', () => {
  const room = new RecordingRoom();
  const long = room.open();
  long.note(Buffer.alloc(MEBIBYTE));
  long.note(Buffer.alloc(MEBIBYTE + 1));
  long.note(Buffer.from('more'));
  expect([long.bytes(), room.bytes]).toEqual([undefined, 0]);
  const others = Array.from({ length: 17 }, () => room.open());
  for (const other of others) other.note(Buffer.alloc(2 * MEBIBYTE));
  expect(room.bytes).toBe(32 * MEBIBYTE);
  expect(others.filter((other) => other.bytes() === undefined)).toHaveLength(1);
  for (const other of others) other.end();
  expect(room.bytes).toBe(0);
});
