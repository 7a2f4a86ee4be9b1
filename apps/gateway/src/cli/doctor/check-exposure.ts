import { stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Config } from '../../config.ts';
import { good, note, problem, type Finding } from './finding.ts';

const OTHERS_READ_OR_WRITE = 0o066;

/** Who can reach the gateway and its data without being asked to. */
export async function checkExposure(config: Config): Promise<readonly Finding[]> {
  return [
    checkAddress(config),
    checkProxies(config),
    checkCors(config),
    await checkDataDir(config),
  ];
}

function checkAddress({ host, port }: Config): Finding {
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.');
  return isLocal
    ? good('address', `Only this machine reaches ${host}:${port}.`)
    : note(
        'address',
        `Other machines reach ${host}:${port}, and Sealgate itself speaks no TLS: keys and plain chats can be read on the way.`,
        'Put a proxy that speaks TLS in front and name it in SEALGATE_TRUSTED_PROXIES, or listen on 127.0.0.1.',
      );
}

function checkProxies({ trustedProxies }: Config): Finding {
  const everybody = trustedProxies.filter((range) => isIP(range) === 0 && range.endsWith('/0'));
  if (everybody.length > 0) {
    return problem(
      'trusted proxies',
      `${everybody.join(', ')} believes anybody's X-Forwarded-For: callers choose their own address.`,
      'Name the proxies only.',
    );
  }
  return good(
    'trusted proxies',
    trustedProxies.length === 0
      ? 'None: the address of a caller is that of the connection.'
      : `${trustedProxies.join(', ')} may say whom they speak for.`,
  );
}

function checkCors({ corsOrigins }: Config): Finding {
  return corsOrigins.includes('*')
    ? note(
        'web pages',
        'Every web page may call the API with a key that it has.',
        'Name the origins in SEALGATE_CORS_ORIGINS.',
      )
    : good(
        'web pages',
        corsOrigins.length === 0
          ? 'None may call the API.'
          : `${corsOrigins.join(', ')} may call the API.`,
      );
}

async function checkDataDir({ dataDir }: Config): Promise<Finding> {
  const name = 'data directory';
  const entry = await stat(dataDir).catch(() => undefined);
  if (entry === undefined)
    return note(name, `${dataDir} is not there yet; the first start makes it.`);
  return (entry.mode & OTHERS_READ_OR_WRITE) === 0
    ? good(name, `Only its owner looks into ${dataDir}.`)
    : problem(name, `Other users can look into ${dataDir}.`, `chmod go-rw ${dataDir}`);
}
