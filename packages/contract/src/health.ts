import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const ServiceCard = z.object({
  name: z.literal('Sealgate'),
  version: z.string(),
  openapi: z.string().describe('Path of the OpenAPI document.'),
  health: z.string().describe('Path of the health check.'),
});

export const Health = z.object({ status: z.literal('ok') });

export const Readiness = z.object({
  status: z.enum(['ready', 'not ready']),
  checks: z.record(z.string(), z.boolean()).describe('Each part that is needed to serve.'),
});

export const describeService = endpoint({
  method: 'GET',
  path: '/',
  tag: 'service',
  summary: 'Say what answers here',
  caller: 'anyone',
  answers: {
    200: { description: 'Name and version.', content: { 'application/json': ServiceCard } },
  },
  refusals: ['internal'],
});

export const checkHealth = endpoint({
  method: 'GET',
  path: '/healthz',
  tag: 'service',
  summary: 'Is the process alive?',
  caller: 'anyone',
  answers: { 200: { description: 'It is.', content: { 'application/json': Health } } },
  refusals: ['internal'],
});

export const checkReadiness = endpoint({
  method: 'GET',
  path: '/readyz',
  tag: 'service',
  summary: 'Can it serve?',
  caller: 'anyone',
  answers: {
    200: { description: 'It can.', content: { 'application/json': Readiness } },
    503: { description: 'Something is missing.', content: { 'application/json': Readiness } },
  },
  refusals: ['internal'],
});

export const readMetrics = endpoint({
  method: 'GET',
  path: '/metrics',
  tag: 'service',
  summary: 'Read the metrics',
  caller: 'operator',
  answers: {
    200: {
      description: 'Prometheus’ text format.',
      content: { 'text/plain; version=0.0.4': z.string() },
    },
  },
  refusals: ['invalid_api_key', 'permission_denied', 'internal'],
});

export const readOpenApi = endpoint({
  method: 'GET',
  path: '/openapi.json',
  tag: 'service',
  summary: 'Read the OpenAPI document',
  caller: 'anyone',
  answers: {
    200: {
      description: 'OpenAPI 3.1.',
      content: { 'application/json': z.looseObject({ openapi: z.string() }) },
    },
  },
  refusals: ['internal'],
});

export const readReference = endpoint({
  method: 'GET',
  path: '/docs',
  tag: 'service',
  summary: 'Read this reference',
  description: 'A page for people. It loads nothing from elsewhere.',
  caller: 'anyone',
  answers: { 200: { description: 'The page.', content: { 'text/html': z.string() } } },
  refusals: ['internal'],
});
