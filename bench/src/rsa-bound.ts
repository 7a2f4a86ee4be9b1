// A process of its own: how many RSA-4096-OAEP decryptions per second this machine can do at most, for one Load's time.
import { webcrypto } from 'node:crypto';
import { availableParallelism } from 'node:os';

const ALGORITHM = { name: 'RSA-OAEP', hash: 'SHA-256' };
const { subtle } = webcrypto;

async function bound(measureMs: number): Promise<number> {
  const pair = await subtle.generateKey(
    { ...ALGORITHM, modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['encrypt', 'decrypt'],
  );
  const wrapped = await subtle.encrypt(ALGORITHM, pair.publicKey, new Uint8Array(32));
  const encoded = await subtle.exportKey('pkcs8', pair.privateKey);
  const until = performance.now() + measureMs;
  let decryptions = 0;
  // One handle does not run in parallel with itself, so each lane has its own.
  const lanes = Array.from({ length: availableParallelism() * 2 }, async () => {
    const key = await subtle.importKey('pkcs8', encoded, ALGORITHM, false, ['decrypt']);
    while (performance.now() < until) {
      await subtle.decrypt(ALGORITHM, key, wrapped);
      decryptions += 1;
    }
  });
  await Promise.all(lanes);
  return (decryptions * 1000) / measureMs;
}

process.once('message', (measureMs: number) => {
  void bound(measureMs).then((perSecond) => {
    process.send?.(perSecond);
    process.disconnect();
  });
});
