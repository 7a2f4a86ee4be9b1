import { fieldsAt, invalid, listAt, textAt, type Fields } from './fields.ts';

const NO_PARAMETERS: Fields = { type: 'object', properties: {} };

/** OpenAI's `tools`, `tool_choice` and `parallel_tool_calls` → Anthropic's `tools` and `tool_choice`. */
export function toolFields(body: Fields): Fields {
  const { tools } = body;
  if (tools === undefined || tools === null) return {};
  const list = listAt(tools, 'tools').map((tool, index) => toolOf(tool, `tools[${index}]`));
  if (list.length === 0) return {};
  const choice = toolChoice(body['tool_choice']);
  const isSerial = body['parallel_tool_calls'] === false && choice?.['type'] !== 'none';
  if (!isSerial) return { tools: list, ...(choice ? { tool_choice: choice } : {}) };
  return {
    tools: list,
    tool_choice: { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true },
  };
}

/** Must the model call a tool? Thinking cannot be combined with that. */
export function isToolForced(choice: unknown): boolean {
  return choice === 'required' || (typeof choice === 'object' && choice !== null);
}

function toolOf(value: unknown, param: string): Fields {
  const tool = fieldsAt(value, param);
  if (tool['type'] !== 'function') throw invalid(`${param}.type`, 'must be "function"');
  const declared = fieldsAt(tool['function'], `${param}.function`);
  const { description, parameters, strict } = declared;
  return {
    name: textAt(declared['name'], `${param}.function.name`),
    ...(typeof description === 'string' ? { description } : {}),
    input_schema: parameters ?? NO_PARAMETERS,
    ...(strict === true ? { strict } : {}),
  };
}

function toolChoice(choice: unknown): Fields | undefined {
  switch (choice) {
    case undefined:
    case null:
      return undefined;
    case 'auto':
    case 'none':
      return { type: choice };
    case 'required':
      return { type: 'any' };
    default: {
      const called = fieldsAt(choice, 'tool_choice')['function'];
      const { name } = fieldsAt(called, 'tool_choice.function');
      return { type: 'tool', name: textAt(name, 'tool_choice.function.name') };
    }
  }
}
