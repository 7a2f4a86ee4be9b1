import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { obedientModel } from './fakes/obedient-model.ts';
import { startFakeUpstream, type FakeUpstream } from './fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from './harness.ts';
import { bundle } from './sdk/bundle.ts';
import type { callEveryWay } from './sdk/calls.ts';
import { EXPECTED } from './sdk/expected.ts';

const CHROMIUM = '/usr/bin/chromium';
/** `npm test` installs it, and in CI refuses to go on without. */
const hasChromium = existsSync(CHROMIUM) || process.env['CI'] === 'true';

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe.runIf(hasChromium)('the reference at /docs', () => {
  let gateway: Gateway;
  let browser: Browser;
  beforeAll(async () => {
    [gateway, browser] = await Promise.all([
      startGateway(),
      chromium.launch({ executablePath: CHROMIUM, args: SWITCHES }),
    ]);
  });
  afterAll(() => browser?.close());

  test.each([390, 1440])(
    'has its style and fits a screen of %i pixels, and loads nothing else',
    async (width) => {
      const page = await browser.newPage({ viewport: { width, height: 800 } });
      const complaints: string[] = [];
      const loaded: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
      await page.goto(`${gateway.url()}/docs#createChatCompletion`, { waitUntil: 'load' });
      expect(complaints).toEqual([]);
      expect(loaded).toEqual(['/docs']);
      const shown = await page.evaluate(() => ({
        margin: getComputedStyle(document.body).margin,
        overflow: document.documentElement.scrollWidth - window.innerWidth,
        top: document.querySelector('#createChatCompletion')?.getBoundingClientRect().top,
      }));
      expect(shown).toEqual({ margin: '0px', overflow: 0, top: expect.closeTo(24, -1) });
    },
  );
});

describe.runIf(hasChromium)('our SDK in Chromium, on a foreign page', () => {
  let upstream: FakeUpstream;
  let site: Server;
  let browser: Browser;
  let gateway: Gateway;
  let page: Page;

  beforeAll(async () => {
    upstream = await startFakeUpstream();
    upstream.always(obedientModel);
    const script = await bundle('in-browser.ts');
    site = createServer((_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><script type="module">${script}</script>`);
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    [gateway, browser] = await Promise.all([
      startGateway({ yaml: yamlFor(upstream), env: { SEALGATE_CORS_ORIGINS: origin } }),
      chromium.launch({ executablePath: CHROMIUM, args: SWITCHES }),
    ]);
    page = await browser.newPage();
    await page.goto(origin, { waitUntil: 'load' });
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
    await upstream?.close();
  });

  const callFromPage = (): Promise<unknown> =>
    page.evaluate(
      (target) =>
        (globalThis as unknown as { callEveryWay: typeof callEveryWay }).callEveryWay(target),
      { url: gateway.url(), key: gateway.key, model: 'fake/model-a' },
    );

  test('chats whole, streamed and sealed, reads refusals and keeps conversations', async () => {
    expect(await callFromPage()).toEqual(EXPECTED);
  });

  test('a page of an origin that is not named gets nothing', async () => {
    await gateway.restart({ env: { SEALGATE_CORS_ORIGINS: 'https://other.example' } });
    await expect(callFromPage()).rejects.toThrow(/APIConnectionError/);
  });
});
