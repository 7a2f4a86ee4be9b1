import { fieldsAt, invalid, listAt, textAt, type Fields } from './fields.ts';

/** One content block of Anthropic's Messages API, as far as this translation writes it. */
export type Block = { readonly type: string } & Fields;

/** OpenAI's `content` (text, or a list of parts) → blocks. Empty text is left out: Anthropic refuses it. */
export function blocksOf(content: unknown, param: string): Block[] {
  if (content === null || content === undefined || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return listAt(content, param).flatMap((part, index) =>
    blockOf(fieldsAt(part, `${param}[${index}]`), `${param}[${index}]`),
  );
}

function blockOf(part: Fields, param: string): Block[] {
  switch (part['type']) {
    case 'text':
      return textBlock(textAt(part['text'], `${param}.text`), part);
    case 'refusal':
      return textBlock(textAt(part['refusal'], `${param}.refusal`), part);
    case 'image_url': {
      const { url } = fieldsAt(part['image_url'], `${param}.image_url`);
      const source = sourceOf(textAt(url, `${param}.image_url.url`), `${param}.image_url.url`);
      return [marked({ type: 'image', source }, part)];
    }
    case 'file': {
      const { file_data: data, filename } = fieldsAt(part['file'], `${param}.file`);
      const source = sourceOf(textAt(data, `${param}.file.file_data`), `${param}.file.file_data`);
      const title = typeof filename === 'string' ? { title: filename } : {};
      return [marked({ type: 'document', source, ...title }, part)];
    }
    default:
      throw invalid(`${param}.type`, `"${String(part['type'])}" is not something this model takes`);
  }
}

function textBlock(text: string, part: Fields): Block[] {
  return text === '' ? [] : [marked({ type: 'text', text }, part)];
}

/** A caller's cache mark (Anthropic's own field, which OpenAI clients may add to a part) is kept. */
function marked(block: Block, part: Fields): Block {
  const mark = part['cache_control'];
  return mark === undefined ? block : { ...block, cache_control: mark };
}

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+);base64,/;
const URL_HEAD = 200;

function sourceOf(url: string, param: string): Fields {
  // Only the head is matched: a picture has megabytes.
  const data = DATA_URL.exec(url.slice(0, URL_HEAD));
  if (data) return { type: 'base64', media_type: data[1], data: url.slice(data[0].length) };
  if (/^https?:\/\//i.test(url)) return { type: 'url', url };
  throw invalid(param, 'must be an http(s) URL or a base64 data URL');
}
