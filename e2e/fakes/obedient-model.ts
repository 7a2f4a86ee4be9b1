import { answer, chunk, completion, json, stream, usageFrame, type Script } from './upstream.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a model says that does as it is told: it calls the tool it is given, and fills the schema it is given. */
export const obedientModel: Script = (request, response) => {
  const tool = askedTool(request.body);
  if (tool !== undefined) return callTool(tool, request.body['stream'] === true)(request, response);
  const schema = askedSchema(request.body);
  const content = schema === undefined ? 'Hello, world!' : JSON.stringify(exampleOf(schema));
  return answer(content)(request, response);
};

/** One tool call; streamed, its arguments come in three pieces. */
function callTool(tool: Fields, isStream: boolean): Script {
  const name = tool['name'];
  const values = JSON.stringify(exampleOf(tool['parameters'] as Fields));
  if (!isStream) {
    const call = { id: 'call_1', type: 'function', function: { name, arguments: values } };
    const message = { role: 'assistant', content: null, tool_calls: [call] };
    return json(
      200,
      completion('', { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }),
    );
  }
  const third = Math.ceil(values.length / 3);
  const pieces = [0, 1, 2].map((part) => values.slice(part * third, (part + 1) * third));
  return stream([
    chunk({
      role: 'assistant',
      content: null,
      tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: '' } }],
    }),
    ...pieces.map((piece) => chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
    chunk({}, 'tool_calls'),
    usageFrame(7),
    'data: [DONE]\n\n',
  ]);
}

/** Not once the tool's result is there: then it is time for words. */
function askedTool({ tools, messages, tool_choice: choice }: Fields): Fields | undefined {
  const hasResult = (messages as readonly Fields[]).some(({ role }) => role === 'tool');
  if (!Array.isArray(tools) || hasResult || choice === 'none') return undefined;
  return tools[0]?.function as Fields | undefined;
}

function askedSchema({ response_format: format }: Fields): Fields | undefined {
  return ((format as Fields | undefined)?.['json_schema'] as Fields | undefined)?.['schema'] as
    | Fields
    | undefined;
}

/** Enough of JSON schema for the clients' own examples. */
function exampleOf(schema: Fields): unknown {
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  switch (schema['type']) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema['properties'] as Fields).map(([name, property]) => [
          name,
          exampleOf(property as Fields),
        ]),
      );
    case 'array':
      return [exampleOf(schema['items'] as Fields)];
    case 'number':
    case 'integer':
      return 42;
    case 'boolean':
      return true;
    default:
      return 'Seoul';
  }
}
