import type { Conversation, ConversationExport } from '../../customers/conversations/index.ts';
import { printConversation, printMessage } from './print-conversation.ts';

const FORMATS = {
  json: { contentType: 'application/json', extension: 'json', print: printJson },
  markdown: { contentType: 'text/markdown', extension: 'md', print: printMarkdown },
} as const;

/** The export as a file that is written while it is read from the database. */
export function printFile(format: keyof typeof FORMATS, exported: ConversationExport) {
  const { contentType, extension, print } = FORMATS[format];
  const name = `${exported.conversation.id}.${extension}`;
  return {
    status: 200,
    contentType,
    body: print(exported),
    headers: {
      'content-disposition': `attachment; filename="${name}"`,
      'content-type': `${contentType}; charset=utf-8`,
    },
  } as const;
}

async function* printJson({ conversation, pages }: ConversationExport): AsyncGenerator<string> {
  const head = JSON.stringify(printConversation(conversation)).slice(0, -1);
  yield `${head},"messages":[`;
  let separator = '';
  for await (const page of pages) {
    yield separator + page.map((message) => JSON.stringify(printMessage(message))).join(',');
    separator = ',';
  }
  yield ']}\n';
}

async function* printMarkdown({ conversation, pages }: ConversationExport): AsyncGenerator<string> {
  yield `# ${titleOf(conversation)}\n\nCreated ${conversation.createdAt.toISOString()}\n`;
  for await (const page of pages) {
    yield page
      .map(({ role, createdAt, content }) => {
        const heading = `## ${role}, ${createdAt.toISOString()}`;
        return `\n---\n\n${heading}\n\n${content}\n`;
      })
      .join('');
  }
}

/** One line. */
const titleOf = ({ title, id }: Conversation): string =>
  title?.replaceAll(/\s+/g, ' ') || `Conversation ${id}`;
