import { LauncherError } from '../errors.js';
import { platformOf } from './ccPackage.js';
import { readTarGz } from './tarGz.js';
import type { CCPackage } from './types.js';

/** A file of META-INF/statedb: an index of the state database. */
export interface StateDbArtifact {
  readonly name: string;
  readonly content: Uint8Array;
}

/** A file below META-INF that is no index of a known database; the texts are Fabric's (contract 5.7). */
export class MetadataError extends LauncherError {
  override readonly name = 'MetadataError';
}

const validPaths = [
  /^META-INF\/statedb\/couchdb\/indexes\/.*[.]json/,
  /^META-INF\/statedb\/couchdb\/collections\/[A-Za-z0-9_-]+\/indexes\/.*[.]json/,
];

/**
 * Reads the state database's files out of a package, as lscc install does before it keeps the package.
 * @throws `invalid deployment spec` (unknown type), `nil code package`, `unexpected EOF` and the like
 */
export async function readStateDbArtifacts(ccPackage: CCPackage): Promise<StateDbArtifact[]> {
  const platform = platformOf(ccPackage);
  if (platform === undefined) throw new MetadataError('invalid deployment spec');
  if (platform === 'CAR') return [];
  const codePackage = ccPackage.spec.getCodePackage_asU8();
  if (codePackage.length === 0) throw new MetadataError('nil code package');
  const artifacts: StateDbArtifact[] = [];
  for await (const { header, content } of readTarGz(codePackage)) {
    if (!header.name.startsWith('META-INF/statedb/') || header.type === 'directory') continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    artifacts.push({ name: header.name, content: Buffer.concat(chunks) });
  }
  return artifacts;
}

/** Throws unless every artifact is an index definition; lscc puts `invalid state database artifact: ` before. */
export function checkStateDbArtifacts(artifacts: readonly StateDbArtifact[]): void {
  for (const { name, content } of artifacts) checkMetadataFile(name, content);
}

/** Throws unless the file may lie in a package's META-INF (Fabric's ValidateMetadataFile). */
export function checkMetadataFile(name: string, content: Uint8Array): void {
  if (!validPaths.some((pattern) => pattern.test(name))) throw new MetadataError(whyPathIsBad(name));
  const definition = jsonObject(content);
  if (definition === undefined) throw new MetadataError(`Index metadata file [${name}] is not a valid JSON`);
  const why = whyIndexIsBad(definition);
  if (why !== undefined) {
    throw new MetadataError(`Index metadata file [${name}] is not a valid index definition: ${why}`);
  }
}

function whyPathIsBad(name: string): string {
  const directory = name.slice(0, name.lastIndexOf('/') + 1);
  if (!name.startsWith('META-INF/statedb')) {
    return `metadata file path must begin with META-INF/statedb, found: ${directory}`;
  }
  const parts = directory.split('/').filter((part) => part !== '' && part !== '.');
  const [, , database, third, collection, last] = parts;
  if (parts.length < 4) return `metadata file path must include a database and index directory: ${directory}`;
  if (database !== 'couchdb') return `database name [${database}] is not supported, valid options: [couchdb]`;
  if (parts.length === 4 && third !== 'indexes') {
    return `metadata file path does not have an indexes directory: ${directory}`;
  }
  if (parts.length !== 6) {
    return `metadata file path for collections must include a collections and index directory: ${directory}`;
  }
  if (third !== 'collections' || last !== 'indexes') {
    return `metadata file path for collections must have a collections and indexes directory: ${directory}`;
  }
  if (!/^[A-Za-z0-9_-]+/.test(collection ?? '')) return `collection name is not valid: ${collection}`;
  if (!/[.]json/.test(name.slice(directory.length))) {
    return `artifact file name is not valid: ${name.slice(directory.length)}`;
  }
  return `metadata file path or name is not supported: ${directory}`;
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonObject(content: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(content).toString('utf8'));
    // Go decodes null into an empty map.
    return value === null ? {} : isObject(value) ? value : undefined;
  } catch {
    // What is wrong with it is not told: the caller has Fabric's one text for it.
    return undefined;
  }
}

function whyIndexIsBad(definition: JsonObject): string | undefined {
  for (const [key, value] of Object.entries(definition)) {
    const why = whyEntryIsBad(key, value);
    if (why !== undefined) return why;
  }
  return 'index' in definition ? undefined : 'Index definition must include a "fields" definition';
}

function whyEntryIsBad(key: string, value: unknown): string | undefined {
  switch (key) {
    case 'index':
      return isObject(value) ? whyFieldsAreBad(value) : 'Invalid entry, "index" must be a JSON';
    case 'ddoc':
    case 'name':
      return typeof value === 'string' ? undefined : `Invalid entry, "${key}" must be a string`;
    case 'type':
      return value === 'json' ? undefined : 'Index type must be json';
    default:
      return `Invalid Entry.  Entry ${key}`;
  }
}

function whyFieldsAreBad(index: JsonObject): string | undefined {
  for (const [key, value] of Object.entries(index)) {
    if (key === 'partial_filter_selector') continue;
    if (key !== 'fields') return `Invalid Entry.  Entry ${key}`;
    if (!Array.isArray(value)) return 'Expecting a JSON array of fields';
    for (const field of value as unknown[]) {
      const why = isObject(field) ? whySortIsBad(field) : undefined;
      if (why !== undefined) return why;
    }
  }
  return undefined;
}

function whySortIsBad(field: JsonObject): string | undefined {
  for (const order of Object.values(field)) {
    if (typeof order !== 'string') {
      return 'Invalid field definition, fields must be in the form "fieldname":"sort"';
    }
    if (!/^(asc|desc)$/i.test(order)) return `Sort must be either "asc" or "desc".  "${order}" was found.`;
  }
  return undefined;
}
