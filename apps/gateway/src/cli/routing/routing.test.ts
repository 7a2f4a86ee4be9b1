import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { printLogLine } from '../../inference/insight/log-line.ts';
import { simulate, testLogged } from '../../inference/insight/testing.ts';
import { startGateway, type Gateway } from '../../main.ts';
import { runCommand } from '../testing.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealgate-routing-'));
});
afterAll(() => rm(folder, { recursive: true }));

const linesOf = (log: ReturnType<typeof simulate>): string =>
  log.map((decision) => `${printLogLine(decision)}\n`).join('');

async function saved(text: string): Promise<string> {
  const file = join(folder, 'log.jsonl');
  await writeFile(file, text);
  return file;
}

describe('with a gateway that has answered and been judged', () => {
  let gateway: Gateway;
  let env: NodeJS.ProcessEnv;
  const CHATS = 8;
  beforeAll(async () => {
    env = {
      SEALGATE_DATA_DIR: join(folder, 'data'),
      SEALGATE_PORT: '0',
      SEALGATE_SEALED: 'off',
      SEALGATE_DISCOVER: 'off',
      SEALGATE_LOG_LEVEL: 'silent',
    };
    gateway = await startGateway({ config: await readConfig(env), onProgress: () => undefined });
    for (let count = 0; count < CHATS; count += 1) {
      const { nexevo } = (await post('chat/completions', {
        model: 'nexevo/auto',
        messages: [{ role: 'user', content: `What is ${count} + 30?` }],
      })) as { nexevo: { generation_id: string } };
      if (count % 2 === 0)
        await post('feedback', { generation_id: nexevo.generation_id, rating: 1 });
    }
    await gateway.services.flushUsage();
  });
  afterAll(() => gateway.close());

  async function post(path: string, body: object): Promise<unknown> {
    const answer = await fetch(`${gateway.url}/v1/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.firstRun?.keySecret.reveal()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    expect(answer.ok).toBe(true);
    return answer.json();
  }

  test('the insight shows each model’s share of the tier, and why nothing is claimed yet', async () => {
    const { exitCode, stdout } = await runCommand(['routing', 'insight'], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`auto: ${CHATS} answers; 4 votes, 100.0% good (51.0% to 100.0%)`);
    expect(stdout).toMatch(/^current +\? +too few votes/m);
    const { stdout: json } = await runCommand(['routing', 'insight', '--json'], env);
    expect(JSON.parse(json)).toMatchObject({
      time_zone: 'UTC',
      decisions: CHATS,
      tiers: [{ tier: 'auto', decisions: CHATS, votes: 4, good: 4 }],
    });
    const other = await runCommand(['routing', 'insight', '--tier', 'fast'], env);
    expect(other.stdout).toContain('no tier was asked for');
  });

  test('what is exported can be replayed, and holds nothing of what was said', async () => {
    const { exitCode, stdout } = await runCommand(['routing', 'export'], env);
    expect([exitCode, stdout.trimEnd().split('\n').length]).toEqual([0, CHATS]);
    expect(stdout).not.toMatch(/What|features|key_|usr_|org_/);
    const withWords = await runCommand(['routing', 'export', '--features'], env);
    expect(withWords.stdout).toContain('"features":"');
    const replayed = await runCommand(['routing', 'replay', '-', '--json'], {}, stdout);
    expect(JSON.parse(replayed.stdout)).toMatchObject({
      decisions: CHATS,
      drawn: CHATS,
      policies: [{ policy: 'current', votes: 4 }, {}, {}, {}, {}],
    });
  });

  test('of an organization that has none, nothing is exported', async () => {
    const { exitCode, stdout } = await runCommand(
      ['routing', 'export', '--organization', 'org_none'],
      env,
    );
    expect([exitCode, stdout]).toEqual([0, '']);
  });
});

describe('a replay', () => {
  test('shows what policies are worth, also from standard input and without a gateway', async () => {
    const text = linesOf(simulate(1, 3_000));
    const policies = ['--policy', 'current', 'always:a', '--policy', 'weights:lambda=1,mu=0'];
    const { exitCode, stdout } = await runCommand([
      'routing',
      'replay',
      await saved(text),
      ...policies,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('3000 decisions, 3000 of them drawn');
    expect(stdout).toMatch(/^always:a +\d\d\.\d% +\d\d\.\d% to \d\d\.\d% .* 2\.00 +200 /m);
    expect(stdout).toMatch(/^weights:lambda=1,mu=0 .* 1\.00 +100 /m);
    const piped = await runCommand(['routing', 'replay', '-', ...policies], {}, text);
    expect(piped.stdout).toBe(stdout);
  });

  test('is about one tier, if it is asked for', async () => {
    const file = await saved(linesOf(simulate(1, 100)));
    const { exitCode, stderr } = await runCommand(['routing', 'replay', file, '--tier', 'fast']);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('no decision of the tier fast in the log'),
    ]);
  });

  test.each([
    ['x', 'line 2: is not JSON'],
    [printLogLine(testLogged({ chosen: 'z' })), 'line 2: chosen: must be the model of an option'],
    ['x'.repeat(2_000_000), 'line 2: is longer than 1000000 characters'],
  ])('that meets a wrong line names it and what to do: %#', async (line, fault) => {
    const file = await saved(`${printLogLine(testLogged())}\n${line}\n`);
    const { exitCode, stderr } = await runCommand(['routing', 'replay', file]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${file}, ${fault}`);
    expect(stderr).toContain('Correct the line or delete it');
  });

  test('of an empty log, or of none, says so', async () => {
    expect((await runCommand(['routing', 'replay', '-'])).stderr).toContain(
      'no decision in the log',
    );
    const missing = join(folder, 'none.jsonl');
    expect((await runCommand(['routing', 'replay', missing])).stderr).toContain(
      `There is no file "${missing}"`,
    );
  });

  test.each([
    ['replay', '-', '--policy', 'always:'],
    ['replay', '-', '--tier', 'slow'],
    ['replay'],
    ['insight', '--days', '0'],
    ['export', '--days', '367'],
  ])('that is not understood ends with 2: %j', async (...args) => {
    expect(await runCommand(['routing', ...args])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  test('its help knows every policy', async () => {
    const { stdout } = await runCommand(['routing', 'replay', '--help']);
    for (const form of [
      'current',
      'best',
      'cheapest',
      'fastest',
      'random',
      'always:MODEL',
      'weights:lambda=L,mu=M',
    ])
      expect(stdout).toContain(`  ${form} `);
  });
});
