import { readFile } from 'node:fs/promises';

/** Bytes of real memory that a process has now. */
export async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`process ${pid} tells no VmRSS`);
  return Number(kibibytes) * 1024;
}
