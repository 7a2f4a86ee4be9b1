import { createHash } from 'node:crypto';
import {
  ACTIONS,
  ENDPOINTS,
  REFUSALS,
  TAGS,
  WEBHOOKS,
  type Endpoint,
  type Tag,
} from '@sealgate/contract';
import { html, raw } from 'hono/html';
import { fieldsOf, namedSchemas, schemaOf } from '../openapi-schemas.ts';
import type { Named } from './example.ts';
import { field, fieldList, prose, type Markup } from './fields.ts';
import { answerSample, curlSample, printJson, sdkSample, type Row } from './samples.ts';
import { STYLE } from './style.ts';

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/** The page is one file: nothing else may be loaded, and nothing may run. */
export const REFERENCE_HEADERS = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** The contract as a page to read. To be built once. */
export function referencePage(version: string): Markup {
  const named = namedSchemas();
  const chapters = chaptersOf(Object.entries(ENDPOINTS));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sealgate API reference</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the reference</a>
        ${navigation(version, chapters)}
        <main id="main">
          ${INTRODUCTION}
          ${chapters.map(
            ([tag, rows]) =>
              html`<section>
                <h2 id="${tag}">${tag}</h2>
                <p>${TAGS[tag]}</p>
                ${rows.map((row) => operation(row, named))}
              </section>`,
          )}
          ${webhooks(named)} ${errors}
        </main>
      </body>
    </html>`;
}

type Chapter = readonly [tag: Tag, rows: readonly Row[]];

function chaptersOf(rows: readonly Row[]): Chapter[] {
  const tags = Object.keys(TAGS) as Tag[];
  const chapters = tags.map((tag) => [tag, rows.filter(([, row]) => row.tag === tag)] as const);
  return chapters.filter(([, ofTag]) => ofTag.length > 0);
}

const navigation = (version: string, chapters: readonly Chapter[]): Markup =>
  html`<nav aria-label="Contents">
    <strong>Sealgate</strong><small>API reference, version ${version}</small>
    ${chapters.map(
      ([tag, rows]) =>
        html`<a class="chapter" href="#${tag}">${tag}</a>
          <ul>
            ${rows.map(
              ([name, { method, summary }]) =>
                html`<li>
                  <a href="#${name}"><span class="method ${method}">${method}</span>${summary}</a>
                </li>`,
            )}
          </ul>`,
    )}
    <a class="chapter" href="#webhooks">webhooks</a>
    <a class="chapter" href="#errors">errors</a>
  </nav>`;

const INTRODUCTION = html`<h1>API reference</h1>
  <div class="lead">
    <p>
      JSON over HTTP. The same as a document for programs: <a href="/openapi.json">OpenAPI 3.1</a>.
    </p>
    <ul>
      <li>
        ${prose('Send `Authorization: Bearer …` with an API key, `sk-xc-…`, or with the access token of a sign-in.')}
      </li>
      <li>
        ${prose('Money is decimal text in US dollars; times are RFC 3339 in UTC; ids are opaque.')}
      </li>
      <li>
        ${prose('Lists have pages: send `next_cursor` as `after` until `has_more` is false. The SDK does it by itself.')}
      </li>
      <li>
        ${prose('A POST that creates something takes an `Idempotency-Key`: sent twice, it creates one thing. The SDK sends one.')}
      </li>
      <li>${prose('Every answer has an `X-Trace-ID`. Tell it when you ask for help.')}</li>
    </ul>
    ${figure(
      'The samples read their settings from the environment',
      `import { Sealgate } from '@sealgate/sdk';

const client = new Sealgate({
  baseURL: \`\${process.env.SEALGATE_URL}/v1\`,
  apiKey: process.env.SEALGATE_API_KEY,
});`,
    )}
  </div>`;

function operation(row: Row, named: Named): Markup {
  const [name, { method, path, summary, description, request, answers, refusals }] = row;
  const asked = { named, isRequest: true, above: [] };
  const told = { named, isRequest: false, above: [] };
  const inputs = [request?.params, request?.query, request?.headers].flatMap(fieldsOf);
  return html`<article id="${name}">
    <div>
      <h3><a href="#${name}">${summary}</a></h3>
      <p class="path"><b class="${method}">${method}</b>${path}</p>
      ${description === undefined ? '' : html`<p>${prose(description)}</p>`}
      <p class="caller">${prose(callerText(row[1]))}</p>
      ${
        inputs.length === 0
          ? ''
          : html`<h4>Parameters</h4>
              <dl class="fields">${inputs.map((input) => field(input, asked))}</dl>`
      }
      ${Object.entries(request?.body ?? {}).map(
        ([type, schema]) =>
          html`<h4>Body <code>${type}</code></h4>
            ${fieldList(schemaOf(schema), asked)}`,
      )}
      ${Object.entries(answers).map(
        ([status, answer]) =>
          html`<h4>Answer ${status}</h4>
            <p>${prose(answer.description)}</p>
            ${Object.values(answer.content).map((schema) => fieldList(schemaOf(schema), told))}`,
      )}
      <h4>Refusals</h4>
      <ul class="codes">
        ${refusals.map(
          (code) =>
            html`<li>
              <a href="#error-${code}"><code>${code}</code></a>
            </li>`,
        )}
      </ul>
    </div>
    <div class="samples">${samples(row, named)}</div>
  </article>`;
}

const CALLERS = {
  key: 'With an API key.',
  session: 'With the access token of a sign-in.',
  member: 'With an API key or the access token of a sign-in.',
  operator: 'With the operator’s metrics token, or from the server’s own machine.',
  anyone: 'Without a credential.',
} as const satisfies Record<Endpoint['caller'], string>;

const callerText = ({ caller, action }: Endpoint): string =>
  action === undefined || ACTIONS[action] === 'developer'
    ? CALLERS[caller]
    : `${CALLERS[caller]} The role must be \`${ACTIONS[action]}\`${ACTIONS[action] === 'admin' ? ' or `owner`' : ''}.`;

function samples(row: Row, named: Named): Markup {
  const [, { answers }] = row;
  return html`${[
    ['SDK', sdkSample(row, named)],
    ['curl', curlSample(row, named)],
    ...Object.entries(answers).map(([status, answer]) => [
      `Answer ${status}`,
      printJson(answerSample(answer, named)),
    ]),
  ].map(([title, text]) =>
    title === undefined || text === undefined ? '' : figure(title, text),
  )}`;
}

function figure(title: string, code: string): Markup {
  return html`<figure>
    <figcaption>${title}</figcaption>
    <pre tabindex="0"><code>${code}</code></pre>
  </figure>`;
}

/** What is sent to others. */
function webhooks(named: Named): Markup {
  const place = { named, isRequest: false, above: [] };
  return html`<section>
    <h2 id="webhooks">webhooks</h2>
    <p>
      ${prose('Events are posted to alert webhooks, signed as Standard Webhooks says: verify `webhook-id`, `webhook-timestamp` and `webhook-signature`. The same event may come more than once, with the same `webhook-id`. Whatever is not answered with a 2xx status is sent again, for a day; `410` takes the webhook away.')}
    </p>
    ${Object.entries(WEBHOOKS).map(
      ([type, { summary, body }]) =>
        html`<article id="${type}">
          <div>
            <h3><a href="#${type}">${summary}</a></h3>
            <p class="path">${type}</p>
            ${fieldList(schemaOf(body), place)}
          </div>
          <div class="samples">
            ${figure(
              'Event',
              printJson(
                answerSample({ description: '', content: { 'application/json': body } }, named),
              ),
            )}
          </div>
        </article>`,
    )}
  </section>`;
}

const errors = html`<section>
  <h2 id="errors">errors</h2>
  <p>${prose('Every refusal has a `code` for programs and a `message` that says what to do.')}</p>
  <div class="wide" tabindex="0">
    <table>
      <thead>
        <tr>
          <th>Status</th>
          <th>Code</th>
          <th>Meaning</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(REFUSALS).map(
          ([code, { status, message }]) =>
            html`<tr id="error-${code}">
              <td>${status}</td>
              <td><code>${code}</code></td>
              <td>${message}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>
</section>`;
