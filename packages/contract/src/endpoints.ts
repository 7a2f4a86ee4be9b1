import { createChatCompletion } from './chat.ts';
import {
  appendMessage,
  createConversation,
  deleteConversation,
  exportConversation,
  listConversations,
  listMessages,
  retrieveConversation,
  updateConversation,
} from './conversations.ts';
import { createEmbeddings } from './embeddings.ts';
import type { Endpoint } from './endpoint.ts';
import { submitFeedback, summarizeFeedback } from './feedback.ts';
import { retrieveGeneration } from './generations.ts';
import {
  checkHealth,
  checkReadiness,
  describeService,
  readMetrics,
  readOpenApi,
  readReference,
} from './health.ts';
import {
  acceptInvitation,
  changeMemberRole,
  inviteMember,
  listInvitations,
  listMembers,
  readAuditLog,
  removeMember,
  retrieveInvitation,
  revokeInvitation,
} from './members.ts';
import {
  createKey,
  listKeys,
  retrieveKey,
  revokeKey,
  rotateKey,
  testAlertWebhook,
  updateAlertWebhook,
  updateGeoPolicy,
  updateKey,
  updateSpendCap,
} from './keys.ts';
import { listModels, retrieveModel } from './models.ts';
import {
  createOrganization,
  deleteOrganization,
  listOrganizations,
  retrieveOrganization,
  transferOwnership,
  updateOrganization,
} from './organizations.ts';
import { createSecureCompletion, readPublicKey } from './sealed.ts';

/** The whole HTTP API; the key is the operation's name. */
export const ENDPOINTS = {
  createChatCompletion,
  readPublicKey,
  createSecureCompletion,
  listModels,
  retrieveModel,
  createEmbeddings,
  retrieveGeneration,
  createConversation,
  listConversations,
  retrieveConversation,
  updateConversation,
  deleteConversation,
  appendMessage,
  listMessages,
  exportConversation,
  submitFeedback,
  summarizeFeedback,
  createKey,
  listKeys,
  retrieveKey,
  updateKey,
  updateSpendCap,
  updateAlertWebhook,
  testAlertWebhook,
  updateGeoPolicy,
  rotateKey,
  revokeKey,
  createOrganization,
  listOrganizations,
  retrieveOrganization,
  updateOrganization,
  deleteOrganization,
  transferOwnership,
  listMembers,
  changeMemberRole,
  removeMember,
  inviteMember,
  listInvitations,
  retrieveInvitation,
  revokeInvitation,
  acceptInvitation,
  readAuditLog,
  describeService,
  checkHealth,
  checkReadiness,
  readMetrics,
  readOpenApi,
  readReference,
} as const satisfies Record<string, Endpoint>;
