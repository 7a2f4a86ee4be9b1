/** The sentences of the published clients, which programs may look for (sealed-v1 §2.4). */
const PREFIXES: Readonly<Record<number, string>> = {
  400: 'Bad request: ',
  401: '',
  403: 'Forbidden: ',
  404: 'Endpoint not found: ',
  429: 'Rate limit exceeded: ',
  500: 'Server error: ',
  503: 'Service unavailable: ',
};

const DEFAULTS: Readonly<Record<number, string>> = {
  400: 'Unknown error',
  401: 'Invalid API key or authentication failed',
  403: 'Model not allowed for the requested security tier',
  404: 'Secure inference not enabled',
};

export function sealedWording(status: number, sentence: string | undefined): string {
  const prefix = PREFIXES[status] ?? `Unexpected status code: ${status} `;
  return prefix + (sentence ?? DEFAULTS[status] ?? 'unknown');
}
