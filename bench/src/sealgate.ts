import type { Target } from './target.ts';

export async function startSealgate(_upstreamPort: number): Promise<Target> {
  throw new Error('not yet');
}
