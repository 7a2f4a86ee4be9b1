/** What a request carries beside text: its length in bytes says little about the tokens that it counts for. */
export interface Attachments {
  readonly imageCount: number;
  readonly audioBytes: number;
  readonly fileBytes: number;
  /** Files that the provider has already: nobody here knows how long they are. */
  readonly remoteFileCount: number;
  /** How much of the body all of them take. */
  readonly inlineBytes: number;
}

export const NO_ATTACHMENTS: Attachments = {
  imageCount: 0,
  audioBytes: 0,
  fileBytes: 0,
  remoteFileCount: 0,
  inlineBytes: 0,
};

type Fields = Readonly<Record<string, unknown>>;

/** The parts of OpenAI's messages that are no text. What is malformed counts nothing: the provider refuses it. */
export function readAttachments(messages: unknown): Attachments {
  if (!Array.isArray(messages)) return NO_ATTACHMENTS;
  let found = NO_ATTACHMENTS;
  for (const message of messages as readonly Fields[]) {
    const { content } = message;
    if (!Array.isArray(content)) continue;
    for (const part of content) if (isObject(part)) found = add(found, part);
  }
  return found;
}

function add(found: Attachments, part: Fields): Attachments {
  switch (part['type']) {
    case 'image_url': {
      const { length } = textIn(part['image_url'], 'url');
      return {
        ...found,
        imageCount: found.imageCount + 1,
        inlineBytes: found.inlineBytes + length,
      };
    }
    case 'input_audio': {
      const { length } = textIn(part['input_audio'], 'data');
      return {
        ...found,
        audioBytes: found.audioBytes + length,
        inlineBytes: found.inlineBytes + length,
      };
    }
    case 'file': {
      const { length } = textIn(part['file'], 'file_data');
      return {
        ...found,
        fileBytes: found.fileBytes + length,
        remoteFileCount: found.remoteFileCount + (length === 0 ? 1 : 0),
        inlineBytes: found.inlineBytes + length,
      };
    }
    default:
      return found;
  }
}

const textIn = (value: unknown, name: string): string => {
  const text = isObject(value) ? value[name] : undefined;
  return typeof text === 'string' ? text : '';
};

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
