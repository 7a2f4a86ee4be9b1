import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../platform/secret.ts';
import { findGraphicsCards } from './graphics-cards.ts';
import { addMetadata, printMemoryProtection, type Metadata } from './metadata.ts';

const METADATA: Metadata = {
  response_status: 'success',
  security_tier: 'high',
  memory_protection: printMemoryProtection({
    locking: { kind: 'effective', slabBytes: 1 },
    pageBytes: 4096,
    secureHeapBytes: 0,
    preventsCoreDumps: true,
  }),
  cuda_device: {
    available: false,
    device_hash: '',
    is_available: false,
    device_count: 0,
    devices: [],
  },
  tpm_attestation: { is_available: false },
};

describe('adding metadata to an answer', () => {
  test('any JSON object keeps all its members and gains one', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom('', ' ', '\n\t'),
        (answer, space) => {
          const text = `${space}${JSON.stringify(answer, null, space)}${space}`;
          const added = new TextDecoder().decode(
            addMetadata(new TextEncoder().encode(text), METADATA),
          );
          const expected = JSON.parse(
            JSON.stringify({ ...answer, _metadata: METADATA }),
          ) as unknown;
          expect(JSON.parse(added)).toEqual(expected);
        },
      ),
    );
  });

  test('an upstream cannot speak in our name', () => {
    const forged = new TextEncoder().encode('{"_metadata":{"security_tier":"maximum"}}');
    expect(JSON.parse(new TextDecoder().decode(addMetadata(forged, METADATA)))).toEqual({
      _metadata: METADATA,
    });
  });

  test.each(['', '[]', '"}"', '}', ' '])('%j is no answer', (text) => {
    expect(() => addMetadata(new TextEncoder().encode(text), METADATA)).toThrow('impossible');
  });
});

test('memory protection is stated as it is', () => {
  const withoutLock = { pageBytes: 4096, secureHeapBytes: 0, preventsCoreDumps: false };
  const refused = { kind: 'none', reason: 'lock-refused' } as const;
  expect(printMemoryProtection({ ...withoutLock, locking: refused })).toMatchObject({
    enabled: true,
    protection_level: 'zeroing_only',
    has_memory_locking: false,
    supports_full_protection: false,
    memory_locking: false,
    core_dump_prevention: false,
  });
  const off = { kind: 'none', reason: 'switched-off' } as const;
  expect(printMemoryProtection({ ...withoutLock, locking: off }).enabled).toBe(false);
  expect(METADATA.memory_protection.protection_level).toBe('full');
});

describe('graphics cards', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nvidia-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const program = async (name: string, script: string) => {
    const path = join(directory, name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  };
  const UUID = 'GPU-5a3c9d1e-0000-0000-0000-000000000000';

  test('are counted, with identifiers that only this installation can match', async () => {
    const path = await program(
      'two',
      `echo "NVIDIA H100, ${UUID}, 81559"; echo "NVIDIA H100, GPU-2, 81559"`,
    );
    const cards = await findGraphicsCards(new Secret('one'), path);
    expect(cards).toMatchObject({ available: true, is_available: true, device_count: 2 });
    expect(cards.device_hash).toBe(cards.devices[0]?.name_hash);
    const [first, second] = cards.devices;
    expect(first).toMatchObject({ memory_total_mb: 81_559, name_hash: second?.name_hash });
    expect(first?.uuid_hash).not.toBe(second?.uuid_hash);
    expect(JSON.stringify(cards)).not.toContain('H100');
    expect(JSON.stringify(cards)).not.toContain(UUID);
    const elsewhere = await findGraphicsCards(new Secret('two'), path);
    expect(elsewhere.devices[0]?.name_hash).not.toBe(first?.name_hash);
  });

  test.each([
    ['the tool is missing', undefined],
    ['the driver does not answer', 'echo "NVIDIA-SMI has failed"; exit 9'],
    ['the answer is not understood', 'echo "No devices were found"'],
  ])('are none when %s', async (name, script) => {
    const path = script === undefined ? join(directory, 'absent') : await program(name, script);
    expect(await findGraphicsCards(new Secret('one'), path)).toEqual(METADATA.cuda_device);
  });
});
