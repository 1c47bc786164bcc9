import { durationMs } from './duration.js';
import { nearest } from './nearest.js';
import { parseBoolean } from './coreYaml.js';

/** The part of a JSON schema that our schema uses. */
export interface Shape {
  readonly type?: string;
  readonly format?: string;
  /** The least value of a number; 0 where none is given. */
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  /** The only texts that are allowed. */
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  /** Accepted and never read; the description says why. */
  readonly 'x-unused'?: boolean;
  /** The only handlers that may be named below this key. */
  readonly 'x-built-in'?: readonly string[];
}

/** A value could not be used; the message does not name the key, the caller does. */
export class WrongValue extends Error {
  /** Which of the names that the user chose below the key. */
  readonly below: string | undefined;

  constructor(message: string, below?: string) {
    super(message);
    this.below = below;
  }
}

/** Every leaf of the schema: `peer.tls.enabled` → its shape. */
export function leaves(shape: Shape, prefix = ''): Map<string, Shape> {
  if (!shape.properties) return new Map([[prefix, shape]]);
  const inner = Object.entries(shape.properties).map(([name, child]) =>
    leaves(child, prefix === '' ? name : `${prefix}.${name}`),
  );
  return new Map(inner.flatMap((map) => [...map]));
}

/**
 * Brings what a file holds into the schema's form: keys as the schema spells them, values of the right types.
 * @param problem called for each key that does not exist and each value of a wrong type
 */
export function shapeValues(
  shape: Shape,
  value: unknown,
  path: string,
  problem: (text: string) => void,
): unknown {
  if (value === null || value === undefined) return undefined;
  if (!shape.properties) return leafOrProblem(shape, value, path, problem);
  if (typeof value !== 'object' || Array.isArray(value)) {
    problem(`${path}: must hold keys (${Object.keys(shape.properties).join(', ')}), not ${shown(value)}`);
    return undefined;
  }
  const names = Object.keys(shape.properties);
  const result: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    const name = names.find((known) => known.toLowerCase() === key.toLowerCase());
    const childShape = name === undefined ? undefined : shape.properties[name];
    const childPath = path === '' ? (name ?? key) : `${path}.${name ?? key}`;
    if (name === undefined || !childShape) {
      problem(unknownKey(key, path, names));
      continue;
    }
    const shaped = shapeValues(childShape, child, childPath, problem);
    if (shaped !== undefined) result[name] = shaped;
  }
  return result;
}

function leafOrProblem(shape: Shape, value: unknown, path: string, problem: (text: string) => void): unknown {
  try {
    return shapeLeaf(shape, value);
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    problem(`${path}${error.below === undefined ? '' : `.${error.below}`}: ${error.message}`);
    return undefined;
  }
}

function unknownKey(key: string, path: string, names: readonly string[]): string {
  const prefix = path === '' ? '' : `${path}.`;
  const meant = nearest(key, names);
  return `${prefix}${key}: unknown key${meant === undefined ? '' : `; did you mean ${prefix}${meant}?`}`;
}

/** One value in the type of its leaf; texts (from the environment or a flag) are converted. @throws WrongValue */
export function shapeLeaf(shape: Shape, value: unknown): unknown {
  if (shape.enum) return oneOf(shape, shape.enum, value);
  switch (shape.type) {
    case 'boolean':
      return toBoolean(value);
    case 'integer':
      return toInteger(value, shape.minimum ?? 0);
    case 'string':
      return shape.format === 'duration' ? toDuration(value) : toText(value);
    case 'array':
      return toList(value);
    case 'object':
      return toRecord(value);
    default:
      if (shape['x-built-in']) refusePlugins(shape, shape['x-built-in'], value);
      return value;
  }
}

function oneOf(shape: Shape, words: readonly string[], value: unknown): string {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const wanted = words.map((word) => `"${word}"`).join(' or ');
  throw new WrongValue(`must be ${wanted}, not ${shown(value)}${reason(shape)}`);
}

/** Why a value of Fabric that is right there is refused here. */
function reason(shape: Shape): string {
  return shape['x-unused'] && shape.description ? `. ${shape.description}` : '';
}

function refusePlugins(shape: Shape, builtIn: readonly string[], value: unknown): void {
  const plugin = namedHandlers(value).find((name) => !builtIn.includes(name));
  if (plugin !== undefined) throw new WrongValue(`there is no handler ${shown(plugin)}${reason(shape)}`);
}

/** Names of all handlers below a value. One from a library is named by that: its own name may be any. */
function namedHandlers(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value).map(([key, child]) => [key.toLowerCase(), child] as const);
  const text = (key: string): unknown => entries.find(([name, child]) => name === key && child)?.[1];
  const handler = text('library') ?? text('name');
  return typeof handler === 'string' ? [handler] : entries.flatMap(([, child]) => namedHandlers(child));
}

function toBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  try {
    if (typeof value === 'string') return parseBoolean('', value);
  } catch {
    // The text below says it with the value.
  }
  throw new WrongValue(`must be true or false, not ${shown(value)}`);
}

function toInteger(value: unknown, minimum: number): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= minimum) return number;
  const least = minimum < 0 ? ` of at least ${minimum}` : '';
  throw new WrongValue(`must be a whole number${least}, not ${shown(value)}`);
}

function toText(value: unknown, below?: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new WrongValue(`must be a text, not ${shown(value)}`, below);
}

function toDuration(value: unknown): string {
  const text = typeof value === 'number' && value === 0 ? '0' : value;
  try {
    if (typeof text === 'string' && durationMs(text) >= 0) return text;
  } catch {
    // The text below says it with the value.
  }
  throw new WrongValue(`must be a duration such as 300s or 2m30s, not ${shown(value)}`);
}

function toList(value: unknown): string[] {
  if (typeof value === 'string') return value.split(/[\s,]+/).filter((entry) => entry !== '');
  if (Array.isArray(value) && value.every((entry): entry is string => typeof entry === 'string'))
    return value;
  throw new WrongValue(`must be a list of texts, not ${shown(value)}`);
}

function toRecord(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WrongValue(`must hold names and texts, not ${shown(value)}`);
  }
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, toText(entry, name)]));
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}
