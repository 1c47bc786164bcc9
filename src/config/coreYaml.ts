import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LauncherError, wrap } from '../errors.js';

export type RawConfig = Readonly<Record<string, unknown>>;

/** A parsed core.yaml and where it was found; relative paths in it are relative to its folder. */
export interface CoreYaml {
  readonly file: string;
  readonly dir: string;
  readonly values: RawConfig;
}

/** Where Fabric looks for core.yaml: FABRIC_CFG_PATH, else the working directory, else /etc/hyperledger/fabric. */
export function findCoreYaml(env: NodeJS.ProcessEnv, cwd = process.cwd()): string | undefined {
  const configured = env['FABRIC_CFG_PATH'];
  const folders = configured ? [configured] : ['.', '/etc/hyperledger/fabric'];
  return folders.map((folder) => resolve(cwd, folder, 'core.yaml')).find((file) => existsSync(file));
}

/** Reads one file. @throws when it cannot be read, is no YAML or no mapping; the text names the file */
export async function readCoreYaml(file: string): Promise<CoreYaml> {
  const { parse } = await import('yaml');
  let parsed: unknown;
  try {
    parsed = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrap(`cannot read the configuration file ${file}`, error);
  }
  if (parsed === null || parsed === undefined) parsed = {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new LauncherError(`the configuration file ${file} must hold keys and values at its top`);
  }
  return { file, dir: dirname(resolve(file)), values: parsed as RawConfig };
}

/** The value of a dotted key; keys are compared without case, as viper does. */
export function lookup(values: RawConfig, key: string): unknown {
  let current: unknown = values;
  for (const part of key.toLowerCase().split('.')) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.entries(current).find(([name]) => name.toLowerCase() === part)?.[1];
  }
  return current ?? undefined;
}

/** `peer.tls.enabled` → `CORE_PEER_TLS_ENABLED`. */
export function environmentName(key: string): string {
  return `CORE_${key.replaceAll('.', '_').toUpperCase()}`;
}

/** One setting as the CLI reads it: environment before file. Numbers and booleans come as their text. */
export function settingText(
  key: string,
  env: NodeJS.ProcessEnv,
  yaml: CoreYaml | undefined,
): string | undefined {
  const fromEnvironment = env[environmentName(key)];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  const value = yaml && lookup(yaml.values, key);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** A path setting: relative to core.yaml's folder, wherever it was set (Fabric's config.GetPath). */
export function settingPath(
  key: string,
  env: NodeJS.ProcessEnv,
  yaml: CoreYaml | undefined,
): string | undefined {
  const text = settingText(key, env, yaml);
  if (text === undefined || text === '') return undefined;
  return isAbsolute(text) || !yaml ? text : join(yaml.dir, text);
}

/** Go's strconv.ParseBool. @throws with the key when it is no boolean */
export function parseBoolean(key: string, text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new LauncherError(`${key}: must be true or false, not "${text}"`);
}
