import type { z } from 'zod';
import { ChatCompletion, ChatCompletionChunk, GenerationFacts, Usage } from './chat-answer.ts';
import {
  ChatMessage,
  ChatRequest,
  MaxPrice,
  ProviderPreferences,
  Tool,
  ToolCall,
} from './chat-request.ts';
import { ChatStreamEvent } from './chat.ts';
import { EmbeddingList, EmbeddingsRequest } from './embeddings.ts';
import { ErrorEnvelope, StreamError } from './error-envelope.ts';
import { Health, Readiness, ServiceCard } from './health.ts';
import {
  AlertTest,
  AlertWebhookChange,
  ApiKey,
  ApiKeyChange,
  ApiKeyList,
  ChangedApiKey,
  GeoPolicyChange,
  IssuedApiKey,
  KeyRotation,
  NewApiKey,
  SpendCapChange,
} from './keys.ts';
import {
  AuditEntry,
  AuditLog,
  Invitation,
  InvitationList,
  Member,
  MemberList,
  NewInvitation,
  RoleChange,
} from './members.ts';
import { Model, ModelFacts, ModelId, ModelList } from './models.ts';
import {
  CreatedOrganization,
  NewOrganization,
  Organization,
  OrganizationChange,
  OrganizationList,
  OwnershipTransfer,
} from './organizations.ts';
import { SealedAnswer, SealedRequest } from './sealed.ts';

/** The schemas that documents refer to by name. */
export const SCHEMAS = {
  ChatRequest,
  ChatMessage,
  Tool,
  ToolCall,
  MaxPrice,
  ProviderPreferences,
  ChatCompletion,
  ChatCompletionChunk,
  ChatStreamEvent,
  Usage,
  GenerationFacts,
  SealedRequest,
  SealedAnswer,
  ModelId,
  Model,
  ModelFacts,
  ModelList,
  EmbeddingsRequest,
  EmbeddingList,
  NewApiKey,
  ApiKeyChange,
  SpendCapChange,
  AlertWebhookChange,
  AlertTest,
  GeoPolicyChange,
  KeyRotation,
  ApiKey,
  ApiKeyList,
  IssuedApiKey,
  ChangedApiKey,
  NewOrganization,
  OrganizationChange,
  CreatedOrganization,
  Organization,
  OrganizationList,
  OwnershipTransfer,
  Member,
  MemberList,
  RoleChange,
  NewInvitation,
  Invitation,
  InvitationList,
  AuditEntry,
  AuditLog,
  ErrorEnvelope,
  StreamError,
  ServiceCard,
  Health,
  Readiness,
} as const satisfies Record<string, z.ZodType>;
