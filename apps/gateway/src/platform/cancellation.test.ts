import { expect, test } from 'vitest';
import { Cancellation } from './cancellation.ts';

test('each listener is told once, whatever they do meanwhile, and none that was removed', () => {
  const cancellation = new Cancellation();
  const told: string[] = [];
  const removed = (): void => void told.push('removed');
  cancellation.add(() => {
    told.push('first');
    cancellation.cancel();
  });
  cancellation.add(removed);
  cancellation.add(() => told.push('last'));
  cancellation.remove(removed);
  expect(cancellation.isCancelled).toBe(false);
  cancellation.cancel();
  cancellation.cancel();
  expect(cancellation.isCancelled).toBe(true);
  expect(told).toEqual(['first', 'last']);
});
