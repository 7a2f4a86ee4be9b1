export { createApp, type AppServices } from './app.ts';
export type { KeyGate } from './authenticate-key.ts';
export { createCallerAddress } from './caller-address.ts';
export { createCors } from './cors.ts';
export { openApiDocument } from './openapi.ts';
export type { RequestLine } from './raw/serve.ts';
export { chatCompletions } from './routes/chat-completions.ts';
export { embeddings } from './routes/embeddings.ts';
export { createHttpServer } from './server.ts';
