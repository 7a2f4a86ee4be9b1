import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { TpmAddress } from './connection.ts';

/** The kernel's resource manager: sessions and keys of different programs stay apart. */
const USUAL_DEVICE = '/dev/tpmrm0';

/** What `SEALGATE_TPM` may say: `auto`, `off`, a device path, `unix:/path`, or `tcp:host:port`. */
export type TpmSetting = { readonly kind: 'auto' } | { readonly kind: 'off' } | TpmAddress;

/** `undefined` for text that is none of these. */
export function parseTpmSetting(text: string): TpmSetting | undefined {
  if (text === 'auto' || text === 'off') return { kind: text };
  if (text.startsWith('/')) return { kind: 'device', path: text };
  const unix = /^unix:(\/.+)$/.exec(text)?.[1];
  if (unix !== undefined) return { kind: 'unix', path: unix };
  const [, host, port] = /^tcp:(?:\/\/)?([^:/]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { kind: 'tcp', host, port: Number(port) };
}

/** `auto` means: the usual device, if this user may open it. */
export async function findTpm(setting: TpmSetting): Promise<TpmAddress | undefined> {
  if (setting.kind === 'off') return undefined;
  if (setting.kind !== 'auto') return setting;
  const isUsable = await access(USUAL_DEVICE, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  return isUsable ? { kind: 'device', path: USUAL_DEVICE } : undefined;
}
