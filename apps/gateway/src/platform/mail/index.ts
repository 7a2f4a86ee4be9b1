export { enqueueMail, enqueueMails } from './enqueue.ts';
export type { Mail } from './mail.ts';
export { createMailer, type Mailer } from './mailer.ts';
export { sendMail, type MailService } from './send.ts';
