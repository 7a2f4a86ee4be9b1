import { Sealgate, type ChatCompletion } from '@sealgate/sdk';
import type { GatewayAddress } from '../gateway-address.ts';
import { printJson, type Surroundings } from '../surroundings.ts';

export interface Question {
  readonly model: string;
  readonly messages: { role: 'user'; content: string }[];
}

export interface Asking {
  readonly gateway: GatewayAddress;
  readonly json?: boolean;
}

export async function askPlain(
  question: Question,
  { gateway, json }: Asking,
  surroundings: Surroundings,
): Promise<void> {
  const answer = await clientOf(gateway).chat.completions.create(question);
  if (json) return printJson(surroundings, answer);
  printAnswer(answer, surroundings);
}

export async function askStreaming(
  question: Question,
  gateway: GatewayAddress,
  { stdout, stderr }: Surroundings,
): Promise<void> {
  const request = { ...question, stream: true } as const;
  let remark = '';
  for await (const chunk of await clientOf(gateway).chat.completions.create(request)) {
    stdout.write(chunk.choices[0]?.delta.content ?? '');
    remark = remarkOn(chunk) ?? remark;
  }
  stdout.write('\n');
  stderr.write(remark);
}

/** The answer for whoever reads standard output; what is worth knowing about it beside. */
export function printAnswer(answer: ChatCompletion, { stdout, stderr }: Surroundings): void {
  stdout.write(`${answer.choices[0]?.message.content ?? ''}\n`);
  stderr.write(remarkOn(answer) ?? '');
}

function remarkOn({ nexevo }: Pick<ChatCompletion, 'nexevo'>): string | undefined {
  return nexevo && `(${nexevo.model_used}, $${nexevo.cost_usd}, ${nexevo.latency_ms} ms)\n`;
}

function clientOf({ url, key }: GatewayAddress): Sealgate {
  return new Sealgate({ baseURL: `${url}/v1`, apiKey: key });
}
