import { Sealgate } from '@sealgate/sdk';
import type { Command } from 'commander';
import { addAddressOptions, findGateway, type AddressOptions } from './gateway-address.ts';
import { printJson, type Surroundings } from './surroundings.ts';

interface ChatOptions extends AddressOptions {
  readonly model: string;
  readonly stream?: boolean;
  readonly json?: boolean;
}

export function addChatCommand(program: Command, surroundings: Surroundings): void {
  addAddressOptions(program.command('chat'))
    .argument('<question>', 'what to ask')
    .description('Ask a model one question')
    .option('--model <id>', 'a model or tier', 'nexevo/auto')
    .option('--stream', 'print the answer while it comes')
    .option('--json', 'print the whole answer as JSON')
    .action((question: string, options: ChatOptions) => chat(question, options, surroundings));
}

async function chat(
  question: string,
  options: ChatOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { url, key } = findGateway(options, surroundings.env);
  const client = new Sealgate({ baseURL: `${url}/v1`, apiKey: key });
  const answer = await client.chat.completions.create({
    model: options.model,
    messages: [{ role: 'user', content: question }],
  });
  if (options.json) return printJson(surroundings, answer);
  surroundings.stdout.write(`${answer.choices[0]?.message.content ?? ''}\n`);
}
