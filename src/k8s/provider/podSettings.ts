import { Ajv } from 'ajv';
import { LauncherError } from '../../errors.js';
import { podSchema } from '../api/schema.js';
import type { PodPart } from './launchPlan.js';

const validate = new Ajv({ strict: false, allErrors: true, formats: {} }).compile(closed(podSchema));

/** Takes Pod settings out of the configuration. @throws LauncherError naming every key that is wrong */
export function podSettings(value: unknown, path: string): PodPart {
  if (validate(value)) return value as PodPart;
  const problems = (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const key = (params as { additionalProperty?: string }).additionalProperty;
    const where = `${path}${instancePath.replaceAll('/', '.')}`;
    return key === undefined ? `${where}: ${message ?? 'is wrong'}` : `${where}.${key}: unknown key`;
  });
  throw new LauncherError(
    `the configuration is not valid:\n${[...new Set(problems)].map((p) => `  ${p}`).join('\n')}`,
  );
}

/** Pod settings per chaincode. */
export function podSettingsByName(value: unknown, path: string): Record<string, PodPart> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LauncherError(
      `the configuration is not valid:\n  ${path}: must hold chaincode names with Pod settings`,
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, settings]) => [name, podSettings(settings, `${path}.${name}`)]),
  );
}

/** The API server prunes unknown fields silently; a person wants to be told. */
function closed(schema: unknown): object {
  if (typeof schema !== 'object' || schema === null) return {};
  const node = schema as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = { ...node };
  const properties = node['properties'];
  if (typeof properties === 'object' && properties !== null) {
    result['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, child]) => [name, closed(child)]),
    );
    result['additionalProperties'] = false;
  }
  if (typeof node['items'] === 'object') result['items'] = closed(node['items']);
  return result;
}
