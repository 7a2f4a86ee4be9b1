export { enqueueMail } from './enqueue.ts';
export type { Mail } from './mail.ts';
