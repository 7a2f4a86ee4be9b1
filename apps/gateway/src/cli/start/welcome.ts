const QUESTION = 'What is 12 + 30?';
const MODEL = 'nexevo/auto';

/** What a person needs first. The lines work when pasted into a shell in the checkout. */
export function welcome(url: string, keySecret: string): string {
  return `
Sealgate is ready at ${url}

Your API key, shown only this once:

  ${keySecret}

Paste into another terminal, in this folder. With curl:

curl ${url}/v1/chat/completions \\
  -H 'Authorization: Bearer ${keySecret}' -H 'Content-Type: application/json' \\
  -d '{"model": "${MODEL}", "messages": [{"role": "user", "content": "${QUESTION}"}]}'

With OpenAI's own SDK:

node --input-type=module -e '
import OpenAI from "openai";
const client = new OpenAI({ baseURL: "${url}/v1", apiKey: "${keySecret}" });
const messages = [{ role: "user", content: "${QUESTION}" }];
const answer = await client.chat.completions.create({ model: "${MODEL}", messages });
console.log(answer.choices[0].message.content);'

Sealed, so that only the gateway can read it:

npx sealgate chat --sealed --url ${url} --key ${keySecret} "${QUESTION}"

Ctrl-C stops the gateway.
`;
}

export function welcomeBack(url: string): string {
  return `
Sealgate is ready at ${url}

  npx sealgate keys create NAME    makes another API key
  npx sealgate doctor              shows what is protected and what is not

Ctrl-C stops the gateway.
`;
}
