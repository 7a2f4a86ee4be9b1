import { describe, expect, it } from 'vitest';
import { createTurns } from './turns.ts';

const patient = new AbortController().signal;

describe('createTurns', () => {
  it('gives turns in the order of asking, one at a time', async () => {
    const turns = createTurns(8);
    const order: number[] = [];
    let running = 0;
    await Promise.all(
      [1, 2, 3, 4].map(async (caller) => {
        const end = await turns.take(patient);
        running += 1;
        expect(running).toBe(1);
        await new Promise(setImmediate);
        order.push(caller);
        running -= 1;
        end();
      }),
    );
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it('refuses when too many wait, and takes callers again afterwards', async () => {
    const turns = createTurns(1);
    const end = await turns.take(patient);
    const second = turns.take(patient);
    await expect(turns.take(patient)).rejects.toMatchObject({ code: 'overloaded' });
    end();
    (await second)();
    (await turns.take(patient))();
  });

  it('passes over a caller who left', async () => {
    const turns = createTurns(2);
    const end = await turns.take(patient);
    const hasty = new AbortController();
    const left = turns.take(hasty.signal);
    const third = turns.take(patient);
    hasty.abort();
    await expect(left).rejects.toThrow('aborted');
    end();
    await expect(third).resolves.toBeTypeOf('function');
  });
});
