import { SECURITY_TIERS, type SecurityTier } from '@sealgate/protocol';
import { Option, type Command } from 'commander';
import { CommandProblem } from '../command-problem.ts';
import { addAddressOptions, findGateway, type AddressOptions } from '../gateway-address.ts';
import type { Surroundings } from '../surroundings.ts';
import { askPlain, askStreaming } from './ask.ts';
import { askSealed } from './ask-sealed.ts';

interface ChatOptions extends AddressOptions {
  readonly model: string;
  readonly sealed?: boolean;
  readonly tier?: SecurityTier;
  readonly allowHttp?: boolean;
  readonly stream?: boolean;
  readonly json?: boolean;
}

export function addChatCommand(program: Command, surroundings: Surroundings): void {
  addAddressOptions(program.command('chat'))
    .argument('<question>', 'what to ask; "-" reads it from standard input')
    .description('Ask a model one question')
    .option('--model <id>', 'a model or tier', 'nexevo/auto')
    .option('--sealed', 'encrypt the question to the gateway and the answer to us')
    .addOption(
      new Option(
        '--tier <tier>',
        'how far the gateway must go to protect it; implies --sealed',
      ).choices(SECURITY_TIERS),
    )
    .option('--allow-http', 'seal over http:// to another machine, too')
    .option('--stream', 'print the answer while it comes')
    .option('--json', 'print the whole answer as JSON; sealed ones can be verified later')
    .addHelpText(
      'after',
      `
Tiers: "standard" takes any model, "high" those of private upstreams, "maximum" those on the gateway's own machine.

Examples:
  $ sealgate chat "What is 12 + 30?"
  $ sealgate chat --stream --model local/words 'Spell "planet" backwards.'
  $ sealgate chat --tier maximum - < question.txt
  $ sealgate chat --sealed --json "What is 12 + 30?" > answer.json && sealgate verify answer.json`,
    )
    .action((question: string, options: ChatOptions) => chat(question, options, surroundings));
}

async function chat(
  question: string,
  options: ChatOptions,
  surroundings: Surroundings,
): Promise<void> {
  const gateway = findGateway(options, surroundings.env);
  const isSealed = options.sealed === true || options.tier !== undefined;
  if (options.stream && (isSealed || options.json)) {
    throw new CommandProblem(
      '--stream goes with neither --sealed nor --json: those answers come whole.',
    );
  }
  const content = question === '-' ? await surroundings.readInput() : question;
  const asked = { model: options.model, messages: [{ role: 'user' as const, content }] };
  if (isSealed) await askSealed(asked, { ...options, gateway }, surroundings);
  else if (options.stream) await askStreaming(asked, gateway, surroundings);
  else await askPlain(asked, { ...options, gateway }, surroundings);
}
