import { z } from 'zod';
import { KNOWN_PROVIDERS } from '../inference/upstreams/index.ts';
import { Environment } from './environment.ts';

export interface VariableDescription {
  readonly name: string;
  readonly byDefault: string | undefined;
  readonly sentence: string;
}

/** Every environment variable, for the documentation. */
export function describeVariables(): VariableDescription[] {
  const { properties = {} } = z.toJSONSchema(Environment, { io: 'input' });
  const own = Object.entries(properties).map(([name, schema]) => {
    const { default: byDefault, description = '' } = schema as z.core.JSONSchema.BaseSchema;
    return {
      name,
      byDefault: typeof byDefault === 'string' && byDefault !== '' ? byDefault : undefined,
      sentence: description,
    };
  });
  return [...own, ...providerVariables()];
}

function providerVariables(): VariableDescription[] {
  return KNOWN_PROVIDERS.flatMap(({ id, baseUrl, variables }) =>
    variables.map((name) => ({
      name,
      byDefault: undefined,
      sentence: `Key of \`${id}\` (${new URL(baseUrl).host}); its models appear as soon as it is set.`,
    })),
  );
}
