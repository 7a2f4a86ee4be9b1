import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingRuntime } from '../../testing/recording-runtime.ts';
import { hangUp, json, startScriptedServer } from '../../testing/scripted-server.ts';
import type { ScriptedServer } from '../../testing/scripted-server.ts';
import { APIConnectionError, AuthenticationError, Sealgate } from '../index.ts';

let server: ScriptedServer;
let client: Sealgate;
beforeEach(async () => {
  server = await startScriptedServer();
  client = new Sealgate({ baseURL: `${server.url}/v1` }, recordingRuntime());
});
afterEach(() => server.close());

test('a refresh token is sent once: a second time would end the session', async () => {
  server.script.push(hangUp, json(200, {}));
  await expect(client.auth.refresh({ refresh_token: 'r1' })).rejects.toThrow(APIConnectionError);
  expect(server.requests).toHaveLength(1);
});

test('the caller may want retries all the same', async () => {
  server.script.push(json(503, {}), json(200, { access_token: 'a' }));
  const signIn = { email: 'ada@example.com', password: 'correct horse battery' };
  expect(await client.auth.login(signIn, { maxRetries: 1 })).toEqual({ access_token: 'a' });
});

test('a missing code of the second factor can be told from a wrong password', async () => {
  server.script.push(json(401, { error: { message: 'A code.', code: 'two_factor_required' } }));
  const error: unknown = await client.auth
    .login({ email: 'ada@example.com', password: 'correct horse battery' })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error).toMatchObject({ code: 'two_factor_required' });
});

test('an answer without a body is undefined', async () => {
  server.script.push((response) => response.writeHead(204).end());
  expect(await client.auth.logout({ refresh_token: 'r1' })).toBeUndefined();
});
