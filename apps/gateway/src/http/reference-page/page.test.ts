import { ENDPOINTS, REFUSALS, SDK_CALLS, WEBHOOKS } from '@sealgate/contract';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { REFERENCE_HEADERS, referencePage } from './index.ts';

const page = String(await referencePage('1.2.3'));
const all = (pattern: RegExp): string[] =>
  [...page.matchAll(pattern)].map(([, found = '']) => found);

/** The article of an operation. */
const articleOf = (name: string): string =>
  page.slice(page.indexOf(`<article id="${name}"`)).split('</article>')[0] ?? '';

describe('the reference', () => {
  test('shows every operation with its path, its refusals and its SDK call', () => {
    for (const [name, { path, summary, refusals }] of Object.entries(ENDPOINTS)) {
      const article = articleOf(name);
      expect(article, name).toContain(path);
      expect(article, name).toContain(summary);
      for (const code of refusals) expect(article, name).toContain(`href="#error-${code}"`);
      const [call] = SDK_CALLS[name]?.split('(') ?? [''];
      expect(article, name).toContain(call);
    }
  });

  test('describes fields with their types, limits and nested fields', () => {
    const article = articleOf('createChatCompletion').replaceAll(/\s+/g, ' ');
    expect(article).toContain('Fields of <code>messages</code>');
    expect(article).toMatch(/<code>model<\/code> <span class="type">string<\/span> .*?required/);
    expect(article).toContain('&quot;user&quot;');
  });

  test('shows every event that is sent to webhooks, with its fields and a sample', () => {
    for (const [type, { summary }] of Object.entries(WEBHOOKS)) {
      const article = articleOf(type).replaceAll('&quot;', '"');
      expect(article, type).toContain(summary);
      expect(article, type).toContain(`"type": "${type}"`);
      expect(article, type).toContain('<code>org_id</code>');
    }
  });

  test('says what every refusal means', () => {
    for (const [code, { status }] of Object.entries(REFUSALS)) {
      const row = page.slice(page.indexOf(`id="error-${code}"`)).split('</tr>')[0];
      expect(row).toContain(String(status));
    }
  });

  test('has no link that leads nowhere, and no name twice', () => {
    const names = all(/\sid="([^"]*)"/g);
    expect(names).toEqual([...new Set(names)]);
    for (const target of new Set(all(/href="([^"]*)"/g))) {
      if (target !== '/openapi.json') expect(names).toContain(target.replace(/^#/, ''));
    }
  });

  test('loads nothing and runs nothing; its policy allows its own style alone', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|@import|url\(|\son\w+=|\sstyle=/i);
    const [style = ''] = all(/<style>([^]*?)<\/style>/g);
    const hash = createHash('sha256').update(style).digest('base64');
    expect(REFERENCE_HEADERS['content-security-policy']).toContain(
      `default-src 'none'; style-src 'sha256-${hash}'`,
    );
  });

  test('prints samples that a shell and a compiler can read', () => {
    const article = articleOf('updateOrganization')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'");
    expect(article).toContain(
      "const answer = await client.organizations.update(organizationId, {\n  name: '…'\n});",
    );
    expect(article).toContain(
      `curl -X PATCH "$SEALGATE_URL/v1/organizations/$ORGANIZATION_ID" \\\n  -H "Authorization: Bearer $SEALGATE_API_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '{\n    "name": "…"\n  }'`,
    );
    expect(articleOf('listOrganizations')).toContain(
      'for await (const each of client.organizations.list()) {',
    );
  });
});
