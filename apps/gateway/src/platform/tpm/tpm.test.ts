import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createTpmClient,
  findTpm,
  getRandom,
  obtainAttestationKey,
  parseTpmSetting,
  quote,
  readPcrs,
  TpmError,
} from './index.ts';
import { hasSoftwareTpm, startSoftwareTpm, type SoftwareTpm } from './software-tpm.ts';

const HANDLE = 0x8101_0010;
const hasTpm = hasSoftwareTpm();

test.runIf(process.env['CI'])('CI has swtpm, so that no TPM test is skipped there', () => {
  expect(hasTpm).toBe(true);
});

describe.skipIf(!hasTpm)('against swtpm (skipped without it: apt-get install swtpm)', () => {
  let software: SoftwareTpm | undefined;
  afterEach(() => software?.stop());

  const start = async () => {
    software = await startSoftwareTpm();
    return createTpmClient(software.address);
  };

  test('commands asked for at once are answered in turn', async () => {
    const tpm = await start();
    const answers = Promise.all([getRandom(tpm, 16), getRandom(tpm, 24), getRandom(tpm, 32)]);
    expect(tpm.queueLength).toBe(3);
    expect((await answers).map((bytes) => bytes.length)).toEqual([16, 24, 32]);
    expect(tpm.queueLength).toBe(0);
    tpm.close();
  });

  test('the attestation key is made once, and found again by the next connection', async () => {
    const tpm = await start();
    const made = await obtainAttestationKey(tpm, HANDLE);
    const found = await obtainAttestationKey(tpm, HANDLE);
    tpm.close();
    expect(made).toMatchObject({ handle: HANDLE, isPersistent: true });
    expect(found).toEqual(made);
  });

  test('more PCRs than one command returns are read', async () => {
    const tpm = await start();
    const pcrs = [0, 1, 2, 3, 4, 5, 6, 7, 10, 23];
    const values = await readPcrs(tpm, pcrs);
    tpm.close();
    expect([...values.keys()].sort((a, b) => a - b)).toEqual(pcrs);
    expect([...values.values()].every((value) => value.length === 32)).toBe(true);
  });

  test('a quote carries the qualifying data and the digest of the PCRs', async () => {
    const tpm = await start();
    const key = await obtainAttestationKey(tpm, HANDLE);
    const qualifyingData = createHash('sha256').update('nonce').digest();
    const values = await readPcrs(tpm, [0, 7, 10]);
    const { attest, signature } = await quote(tpm, key.handle, {
      qualifyingData,
      pcrs: [0, 7, 10],
    });
    tpm.close();
    const digest = createHash('sha256')
      .update(Buffer.concat([...values.values()]))
      .digest();
    expect(attest.subarray(0, 4).toString('hex')).toBe('ff544347');
    expect(attest.subarray(44, 76)).toEqual(qualifyingData);
    expect(attest.subarray(-32)).toEqual(digest);
    expect(signature.subarray(0, 4).toString('hex')).toBe('0018000b');
  });

  test('what the TPM refuses is told apart from a TPM that fails', async () => {
    const tpm = await start();
    await expect(
      quote(tpm, 0x8101_0099, { qualifyingData: Buffer.alloc(32), pcrs: [0] }),
    ).rejects.toMatchObject({ problem: 'refused' });
    expect((await getRandom(tpm, 8)).length).toBe(8);
    tpm.close();
  });
});

describe('a TPM that misbehaves', () => {
  const path = join(tmpdir(), `misbehaving-tpm-${process.pid}.socket`);
  let stop = async () => {};
  afterEach(async () => {
    await stop();
    await rm(path, { force: true });
  });

  const listen = async (answer: (command: Buffer, reply: (bytes: Buffer) => void) => void) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (command) => answer(Buffer.from(command), (bytes) => socket.write(bytes)));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
    return createTpmClient({ kind: 'unix', path });
  };
  const ask = { code: 0x17b, handles: [], parameters: [Buffer.of(0, 8)], isAuthorized: false };

  test('by silence is given up, and asked again over a new connection', async () => {
    let asked = 0;
    const tpm = await listen((_, reply) => {
      asked += 1;
      if (asked > 1) reply(Buffer.from('8001000000140000000000080102030405060708', 'hex'));
    });
    await expect(tpm.run(ask, { timeoutMs: 50 })).rejects.toMatchObject({ problem: 'timeout' });
    const { parameters } = await tpm.run(ask, { timeoutMs: 5_000 });
    expect(parameters.sized().toString('hex')).toBe('0102030405060708');
    tpm.close();
  });

  test('by asking for patience is asked again', async () => {
    let asked = 0;
    const tpm = await listen((_, reply) => {
      asked += 1;
      const ready = '8001000000140000000000080102030405060708';
      reply(Buffer.from(asked < 3 ? '80010000000a00000922' : ready, 'hex'));
    });
    expect((await getRandom(tpm, 8)).toString('hex')).toBe('0102030405060708');
    expect(asked).toBe(3);
    tpm.close();
  });

  test.each([
    ['an impossible size', '80010000000100000000'],
    ['a huge size', '8001ffffffff00000000'],
    ['more bytes than announced', '80010000000a00000000ff'],
  ])('with %s is refused', async (_, hex) => {
    const tpm = await listen((_, reply) => reply(Buffer.from(hex, 'hex')));
    await expect(tpm.run(ask, { timeoutMs: 5_000 })).rejects.toBeInstanceOf(TpmError);
    tpm.close();
  });

  test('with a reply too short for what it holds is a fault', async () => {
    const tpm = await listen((_, reply) => reply(Buffer.from('80010000000c000000000008', 'hex')));
    await expect(getRandom(tpm, 8)).rejects.toThrow('too short');
    tpm.close();
  });

  test('by not being there is "broken", not a crash', async () => {
    const tpm = createTpmClient({ kind: 'unix', path });
    await expect(getRandom(tpm, 8)).rejects.toMatchObject({ problem: 'broken' });
  });
});

test('every way of writing the setting is read, and other text is not', async () => {
  expect(parseTpmSetting('unix:/run/tpm')).toEqual({ kind: 'unix', path: '/run/tpm' });
  expect(parseTpmSetting('tcp:127.0.0.1:2321')).toEqual({
    kind: 'tcp',
    host: '127.0.0.1',
    port: 2321,
  });
  expect(parseTpmSetting('/dev/tpm0')).toEqual({ kind: 'device', path: '/dev/tpm0' });
  expect(await findTpm({ kind: 'off' })).toBeUndefined();
  for (const text of ['', 'yes', 'tcp:host', 'tcp:host:99999', 'unix:relative']) {
    expect(parseTpmSetting(text), text).toBeUndefined();
  }
});
