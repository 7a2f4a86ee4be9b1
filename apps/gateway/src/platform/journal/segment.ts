import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** One file of the journal that nobody writes to any more. */
export interface Segment {
  readonly path: string;
  readonly lineCount: number;
}

const NAME = /^\d{12}\.jsonl$/;

export function segmentPath(dir: string, sequence: number): string {
  return join(dir, `${String(sequence).padStart(12, '0')}.jsonl`);
}

export function sequenceOf(segment: Segment): number {
  return Number.parseInt(basename(segment.path), 10);
}

/** What an earlier process has left, oldest first. */
export async function listSegments(dir: string): Promise<Segment[]> {
  const names = (await readdir(dir)).filter((name) => NAME.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(dir, name);
      return { path, lineCount: await countLines(path) };
    }),
  );
}

export interface SegmentContent {
  readonly lines: readonly string[];
  /** The write that a crash or a full disk cut off; nobody was told that it was kept. */
  readonly tornLine: string;
}

export async function readSegment(path: string): Promise<SegmentContent> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const tornLine = lines.pop() ?? '';
  return { lines, tornLine };
}

async function countLines(path: string): Promise<number> {
  let count = 0;
  const file: FileHandle = await open(path);
  for await (const chunk of file.createReadStream()) {
    for (const byte of chunk as Buffer) if (byte === 0x0a) count += 1;
  }
  return count;
}
