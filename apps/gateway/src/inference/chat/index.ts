export { admit, type Admission, type Applicant } from './admit.ts';
export { answerStream, type StreamHead, type StreamOutlet } from './answer-stream.ts';
export { answerEmbeddings, answerWhole, type AnswerTerms, type WholeAnswer } from './answer.ts';
export { readChatRequest, type ChatRequest } from './chat-request.ts';
export { hold, type HeldAdmission } from './hold.ts';
export { readEmbeddingsRequest } from './embeddings-request.ts';
export type { ChatMetrics, ChatServices } from './services.ts';
