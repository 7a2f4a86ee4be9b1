import {
  ChatRequest,
  EmbeddingsRequest,
  GenerationFacts,
  JudgedChatRequest,
  JudgedEmbeddingsRequest,
  nanoUsd,
  picoUsdPerToken,
} from '@sealgate/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Generation } from '../../customers/billing/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { readChatRequest } from './chat-request.ts';
import { readEmbeddingsRequest } from './embeddings-request.ts';

function accepts(read: (text: string) => unknown, text: string): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
