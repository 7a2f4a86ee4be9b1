import { ConversationExport } from '@sealgate/contract';
import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditLog, conversations, messages } from '../../platform/db/index.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

let platform: TestPlatform;
let ada: TestPerson;
let eve: TestPerson;
beforeAll(async () => {
  platform = await createTestPlatform();
  ada = await platform.signUp('ada');
  eve = await platform.signUp('eve');
});
afterAll(() => platform.close());

const create = async (as: string, body: object = {}): Promise<string> => {
  const answer = await platform.call('POST /v1/conversations', { as, body });
  expect(answer.status).toBe(201);
  return String(answer.body.conversation_id);
};

const append = (as: string, id: string, content: string, more: object = {}) =>
  platform.call(`POST /v1/conversations/${id}/messages`, {
    as,
    body: { role: 'user', content, ...more },
  });

const search = (as: string, text: string, more = '') =>
  platform.call(`GET /v1/conversations?q=${encodeURIComponent(text)}${more}`, { as });

const idsOf = (answer: { body: { data: { conversation_id: string }[] } }): string[] =>
  answer.body.data.map((each) => each.conversation_id);

const newestDeed = async (subject: string) => {
  const [deed] = await platform.database.admin
    .select()
    .from(auditLog)
    .where(eq(auditLog.subject, subject))
    .orderBy(desc(auditLog.id));
  return deed;
};

describe('does', () => {
  test('creates a conversation, with a row in the record', async () => {
    const metadata = { user: '42', tags: ['a', { b: null }] };
    const { status, body } = await platform.call('POST /v1/conversations', {
      as: ada.token,
      body: { title: ' My session ', metadata },
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      conversation_id: expect.stringMatching(/^conv_/),
      title: 'My session',
      metadata,
      message_count: 0,
      created_at: '2026-01-02T00:00:00.000Z',
      updated_at: '2026-01-02T00:00:00.000Z',
    });
    expect(await newestDeed(body.conversation_id)).toMatchObject({
      action: 'conversation.create',
      organizationId: ada.organizationId,
      actorId: ada.userId,
    });
    const seen = await platform.call(`GET /v1/conversations/${body.conversation_id}`, {
      as: ada.token,
    });
    const messagesOfNone = { object: 'list', data: [], has_more: false, next_cursor: null };
    expect(seen.body).toEqual({ ...body, messages: messagesOfNone });
  });

  test('appends messages in order and counts them; the record of deeds stays out of it', async () => {
    const id = await create(ada.token);
    platform.time.nowMs += 1000;
    const answer = await append(ada.token, id, 'Hello!', { metadata: { shown: true } });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      message_id: expect.stringMatching(/^msg_/),
      role: 'user',
      content: 'Hello!',
      metadata: { shown: true },
      created_at: new Date(platform.time.nowMs).toISOString(),
    });
    await append(ada.token, id, '', { role: 'assistant' });
    const { body } = await platform.call(`GET /v1/conversations/${id}`, { as: ada.token });
    expect(body.message_count).toBe(2);
    expect(body.updated_at).toBe(new Date(platform.time.nowMs).toISOString());
    expect(body.messages.data).toMatchObject([answer.body, { role: 'assistant', content: '' }]);
    expect(await newestDeed(id)).toMatchObject({ action: 'conversation.create' });
    expect(await newestDeed(answer.body.message_id)).toBeUndefined();
  });

  test('of many who append at once each gets a place of their own', async () => {
    const id = await create(ada.token);
    const texts = Array.from({ length: 30 }, (_, index) => `text ${index}`);
    await Promise.all(texts.map((text) => append(ada.token, id, text)));
    const rows = await platform.database.admin
      .select({ position: messages.position })
      .from(messages)
      .where(eq(messages.conversationId, id))
      .orderBy(messages.position);
    expect(rows.map(({ position }) => position)).toEqual(texts.map((_, index) => index + 1));
  });

  test('lists messages page by page, the oldest first', async () => {
    const id = await create(ada.token);
    for (const text of ['1', '2', '3', '4', '5']) await append(ada.token, id, text);
    const read = (query: string) =>
      platform.call(`GET /v1/conversations/${id}/messages?limit=2${query}`, { as: ada.token });
    const pages: string[][] = [];
    for (let query = ''; ;) {
      const { body } = await read(query);
      pages.push(body.data.map((each: { content: string }) => each.content));
      if (body.next_cursor === null) break;
      query = `&after=${body.next_cursor}`;
    }
    expect(pages).toEqual([['1', '2'], ['3', '4'], ['5']]);
  });

  test('lists conversations page by page, the newest first', async () => {
    const bob = await platform.signUp('bob');
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.push(await create(bob.token));
    const first = await platform.call('GET /v1/conversations?limit=3', { as: bob.token });
    expect(first.body.has_more).toBe(true);
    const rest = await platform.call(
      `GET /v1/conversations?limit=3&after=${first.body.next_cursor}`,
      { as: bob.token },
    );
    expect(rest.body).toMatchObject({ has_more: false, next_cursor: null });
    // Ids of one millisecond have no order of their own.
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(made.toSorted().toReversed());
  });

  test('a key and its maker see the same conversations', async () => {
    const key = await platform.createKey(ada);
    const id = await create(key, { title: 'By key' });
    const seen = await platform.call(`GET /v1/conversations/${id}`, { as: ada.token });
    expect(seen.body.title).toBe('By key');
    expect(await newestDeed(id)).toMatchObject({ actorKind: 'key' });
  });

  test('changes what is named, clears what is null and leaves the rest', async () => {
    const id = await create(ada.token, { title: 'Old', metadata: { a: 1 } });
    platform.time.nowMs += 1000;
    const patch = async (body: object) =>
      (await platform.call(`PATCH /v1/conversations/${id}`, { as: ada.token, body })).body;
    expect(await patch({ title: 'New' })).toMatchObject({ title: 'New', metadata: { a: 1 } });
    expect(await newestDeed(id)).toMatchObject({
      action: 'conversation.update',
      details: { changed: ['title'] },
    });
    expect(await patch({ metadata: null })).toMatchObject({ title: 'New', metadata: null });
    const cleared = await patch({ title: null });
    expect(cleared.title).toBeNull();
    platform.time.nowMs += 1000;
    expect(await patch({})).toEqual(cleared);
  });

  test('deletes a conversation with its messages', async () => {
    const id = await create(ada.token);
    await append(ada.token, id, 'gone soon');
    const path = `/v1/conversations/${id}` as const;
    const deleted = await platform.call(`DELETE ${path}`, { as: ada.token });
    expect([deleted.status, deleted.body]).toEqual([204, '']);
    expect(await newestDeed(id)).toMatchObject({ action: 'conversation.delete' });
    const { admin } = platform.database;
    expect(await admin.$count(messages, eq(messages.conversationId, id))).toBe(0);
    for (const call of [`GET ${path}`, `DELETE ${path}`, `GET ${path}/messages`] as const) {
      expect((await platform.call(call, { as: ada.token })).status).toBe(404);
    }
    expect((await append(ada.token, id, 'too late')).status).toBe(404);
  });

  test('one idempotency key appends one message', async () => {
    const id = await create(ada.token);
    const send = () =>
      platform.call(`POST /v1/conversations/${id}/messages`, {
        as: ada.token,
        body: { role: 'user', content: 'once' },
        headers: { 'idempotency-key': 'append-1' },
      });
    expect((await send()).body).toEqual((await send()).body);
    const { body } = await platform.call(`GET /v1/conversations/${id}`, { as: ada.token });
    expect(body.message_count).toBe(1);
  });
});

describe('searches', () => {
  let sam: TestPerson;
  let byTitle: string;
  let byMessage: string;
  beforeAll(async () => {
    sam = await platform.signUp('sam');
    byTitle = await create(sam.token, { title: '北京旅行 100%_\\ Größe' });
    await platform.database.admin
      .update(conversations)
      .set({ id: 'conv_000000001' })
      .where(eq(conversations.id, byTitle));
    byTitle = 'conv_000000001';
    byMessage = await create(sam.token, { title: 'Other' });
    await append(sam.token, byMessage, '안녕하세요, 我想去北京. GRÖSSE matters, 東京も.');
    await append(sam.token, byMessage, 'and 北京 again');
  });

  test.each<[string, () => string[]]>([
    ['北京', () => [byMessage, byTitle]],
    ['京', () => [byMessage, byTitle]],
    ['東京も', () => [byMessage]],
    ['녕하세', () => [byMessage]],
    ['größe', () => [byTitle]],
    ['grösse', () => [byMessage]],
    ['  OTHER ', () => [byMessage]],
    ['100%_\\', () => [byTitle]],
    ['%', () => [byTitle]],
    ['_', () => [byTitle]],
    ['上海', () => []],
    ["'; drop table messages; --", () => []],
  ])('for %j, in titles and messages, the newest first', async (text, expected) => {
    const answer = await search(sam.token, text);
    expect([answer.status, idsOf(answer)]).toEqual([200, expected()]);
    expect(answer.body.has_more).toBe(false);
  });

  test('page by page', async () => {
    const first = await search(sam.token, '北京', '&limit=1');
    expect(idsOf(first)).toEqual([byMessage]);
    const rest = await search(sam.token, '北京', `&limit=1&after=${first.body.next_cursor}`);
    expect(idsOf(rest)).toEqual([byTitle]);
    expect(rest.body.has_more).toBe(false);
  });

  test('through a bounded number of messages a page, and finds everything in the end', async () => {
    const busy = await platform.signUp('busy');
    const rare = await create(busy.token, { title: 'rare' });
    const long: string[] = [];
    for (let count = 0; count < 3; count += 1) long.push(await create(busy.token));
    const { admin } = platform.database;
    for (const [index, id] of long.entries()) {
      await admin.execute(
        `insert into messages (id, organization_id, conversation_id, position, role, content)
         select 'msg_${index}x' || n, '${busy.organizationId}', '${id}', n, 'user', 'filler'
         from generate_series(1, 4000) as n`,
      );
      await admin.update(conversations).set({ messageCount: 4000 }).where(eq(conversations.id, id));
    }
    const found: string[] = [];
    let pages = 0;
    for (let query = ''; ; pages += 1) {
      const { body } = await search(busy.token, 'RARE', query);
      found.push(...idsOf({ body }));
      if (body.next_cursor === null) break;
      query = `&after=${body.next_cursor}`;
    }
    expect(found).toEqual([rare]);
    expect(pages).toBeGreaterThanOrEqual(2);
  });

  test('through a bounded amount of text a page', async () => {
    const heavy = await platform.signUp('heavy');
    await create(heavy.token, { title: 'needle' });
    const big = await create(heavy.token);
    const { admin } = platform.database;
    await admin.execute(
      `insert into messages (id, organization_id, conversation_id, position, role, content)
       select 'msg_big' || n, '${heavy.organizationId}', '${big}', n, 'user', repeat('hay ', 65000) || 'needle'
       from generate_series(1, 100) as n`,
    );
    await admin.update(conversations).set({ messageCount: 100 }).where(eq(conversations.id, big));
    const first = await search(heavy.token, 'needle');
    expect(idsOf(first)).toEqual([big]);
    const rest = await search(heavy.token, 'needle', `&after=${first.body.next_cursor}`);
    expect(rest.body.data).toMatchObject([{ title: 'needle' }]);
  });
});

describe('exports', () => {
  const download = (id: string, format: string) =>
    platform.call(`GET /v1/conversations/${id}/export?format=${format}`, { as: ada.token });

  test('a JSON file with every message, of which the contract names every field', async () => {
    const id = await create(ada.token, { title: 'Long "one"' });
    for (let count = 0; count < 120; count += 1) await append(ada.token, id, `line ${count}\n`);
    const { status, headers, body } = await download(id, 'json');
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="${id}.json"`);
    expect(ConversationExport.strict().parse(body)).toEqual(body);
    expect(body.messages.map((each: { content: string }) => each.content)).toEqual(
      Array.from({ length: 120 }, (_, index) => `line ${index}\n`),
    );
    const empty = await download(await create(ada.token), 'json');
    expect(empty.body.messages).toEqual([]);
  });

  test('a Markdown file', async () => {
    const id = await create(ada.token, { title: 'Two\nlines' });
    await append(ada.token, id, 'Was ist *fett*?');
    await append(ada.token, id, '粗体', { role: 'assistant' });
    const { headers, body } = await download(id, 'markdown');
    expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="${id}.md"`);
    const at = new Date(platform.time.nowMs).toISOString();
    expect(body).toBe(
      `# Two lines\n\nCreated ${at}\n\n---\n\n## user, ${at}\n\nWas ist *fett*?\n\n---\n\n## assistant, ${at}\n\n粗体\n`,
    );
  });
});

describe('refuses', () => {
  const ofBytes = (bytes: number) => ({ x: 'é'.repeat((bytes - 8) / 2) });

  test('metadata of more than 4 KB, counted in bytes of its JSON', async () => {
    const post = (metadata: object) =>
      platform.call('POST /v1/conversations', { as: ada.token, body: { metadata } });
    expect((await post(ofBytes(4096))).status).toBe(201);
    const { status, body } = await post(ofBytes(4098));
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'invalid_request_error', param: 'metadata' });
    const id = await create(ada.token);
    const onMessage = await append(ada.token, id, 'x', { metadata: ofBytes(4098) });
    expect([onMessage.status, onMessage.body.error.param]).toEqual([400, 'metadata']);
    const patched = await platform.call(`PATCH /v1/conversations/${id}`, {
      as: ada.token,
      body: { metadata: ofBytes(4098) },
    });
    expect([patched.status, patched.body.error.param]).toEqual([400, 'metadata']);
  });

  test('content of more than 256 KB, counted in bytes', async () => {
    const id = await create(ada.token);
    const kilobytes = 256 * 1024;
    expect((await append(ada.token, id, '\u0001'.repeat(kilobytes))).status).toBe(201);
    expect((await append(ada.token, id, '京'.repeat(87_381))).status).toBe(201);
    const { status, body } = await append(ada.token, id, '京'.repeat(87_382));
    expect([status, body.error.param]).toEqual([400, 'content']);
    expect((await append(ada.token, id, 'x'.repeat(2_000_000))).status).toBe(413);
  });

  test.each<[string, object, string]>([
    ['a title that is too long', { title: 'x'.repeat(201) }, 'title'],
    ['metadata that is no object', { metadata: [1] }, 'metadata'],
    ['a misspelt field', { metdata: {} }, 'metdata'],
  ])('%s', async (_what, fields, param) => {
    const { status, body } = await platform.call('POST /v1/conversations', {
      as: ada.token,
      body: fields,
    });
    expect([status, body.error.param]).toEqual([400, param]);
  });

  test.each<[string, object, string]>([
    ['an unknown role', { role: 'developer', content: 'x' }, 'role'],
    ['no content', { role: 'user' }, 'content'],
    ['content in parts', { role: 'user', content: [] }, 'content'],
  ])('a message with %s', async (_what, fields, param) => {
    const id = await create(ada.token);
    const { status, body } = await platform.call(`POST /v1/conversations/${id}/messages`, {
      as: ada.token,
      body: fields,
    });
    expect([status, body.error.param]).toEqual([400, param]);
  });

  test.each(['q=', 'q=%20', `q=${'x'.repeat(201)}`, 'limit=0', 'format=json'])(
    'a list by %s',
    async (query) => {
      const { status } = await platform.call(`GET /v1/conversations?${query}`, { as: ada.token });
      expect(status).toBe(400);
    },
  );

  test('an export in a format that there is not', async () => {
    const id = await create(ada.token);
    const { status, body } = await platform.call(`GET /v1/conversations/${id}/export?format=pdf`, {
      as: ada.token,
    });
    expect([status, body.error.param]).toEqual([400, 'format']);
  });
});

describe('keeps apart', () => {
  test('another organization’s conversation looks like none, whatever is tried with it', async () => {
    const id = await create(ada.token, { title: 'secret of Ada' });
    await append(ada.token, id, 'secret message of Ada');
    const nothing = await platform.call('GET /v1/conversations/conv_0', { as: eve.token });
    const path = `/v1/conversations/${id}` as const;
    for (const call of [
      platform.call(`GET ${path}`, { as: eve.token }),
      platform.call(`PATCH ${path}`, { as: eve.token, body: { title: 'mine' } }),
      platform.call(`PATCH ${path}`, { as: eve.token, body: {} }),
      platform.call(`DELETE ${path}`, { as: eve.token }),
      append(eve.token, id, 'mine'),
      platform.call(`GET ${path}/messages`, { as: eve.token }),
      platform.call(`GET ${path}/export`, { as: eve.token }),
    ]) {
      const { status, body } = await call;
      expect([status, body]).toEqual([404, nothing.body]);
    }
    const seen = await platform.call(`GET ${path}`, { as: ada.token });
    expect(seen.body).toMatchObject({ title: 'secret of Ada', message_count: 1 });
  });

  test('neither lists nor searches nor cursors reach into another organization', async () => {
    const id = await create(ada.token, { title: 'unmistakable' });
    const message = await append(ada.token, id, 'unmistakable too');
    const own = await create(eve.token);
    await append(eve.token, own, 'mine');
    const listed = await platform.call('GET /v1/conversations?limit=100', { as: eve.token });
    expect(idsOf(listed)).toEqual([own]);
    expect(idsOf(await search(eve.token, 'unmistakable'))).toEqual([]);
    const after = await platform.call(
      `GET /v1/conversations/${own}/messages?after=${message.body.message_id}`,
      { as: eve.token },
    );
    expect(after.body.data).toEqual([]);
  });
});
