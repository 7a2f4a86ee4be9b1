import type { Hono } from 'hono';
import { Refusal } from '../../platform/refusal.ts';
import type { Env } from '../env.ts';

/** To be called after all routes: a path that exists with another method is 405, not 404. */
export function refuseOtherMethods(app: Hono<Env>): void {
  const methodsByPath = new Map<string, string[]>();
  for (const { method, path } of app.routes) {
    if (method === 'ALL' || method === 'OPTIONS') continue;
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method]);
  }
  for (const [path, methods] of methodsByPath) {
    app.all(path, (context) => {
      const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
      context.header('allow', allowed.join(', '));
      throw new Refusal('method_not_allowed', {
        message: `This path takes ${methods.join(', ')}.`,
      });
    });
  }
}
