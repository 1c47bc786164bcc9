import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LauncherError } from '../errors.js';
import { compileConfig, type CompiledConfig } from './compile.js';
import { environmentName, findCoreYaml, lookup, readCoreYaml, type CoreYaml } from './coreYaml.js';
import { nearest } from './nearest.js';
import { coreSchema, type CoreConfig } from './schema/core.js';
import { leaves, shapeLeaf, shapeValues, WrongValue, type Shape } from './shape.js';

/** The configuration cannot be used; the message has a line for each thing that is wrong. */
export class ConfigError extends LauncherError {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export interface LoadOptions {
  readonly env: NodeJS.ProcessEnv;
  /** --config: a file, or a folder with core.yaml. Without it core.yaml is taken from FABRIC_CFG_PATH if there is one. */
  readonly config?: string;
  /** Flags: dotted key → text. They win over the environment, which wins over the file. */
  readonly overrides?: Readonly<Record<string, string>>;
}

export interface LoadedConfig {
  readonly config: CompiledConfig;
  /** The file that was read, if any. */
  readonly file?: string;
  /** Keys without use, CORE_… variables that look like a mistyped key, values that became others: a line in the log, no error. */
  readonly warnings: readonly string[];
}

const shape = coreSchema as unknown as Shape;

/** Reads file, environment and flags into a configuration with all defaults. @throws ConfigError naming every wrong key */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const yaml = await readFile(options);
  const problems: string[] = [];
  const file = shapeValues(shape, yaml?.values ?? {}, '', (problem) => {
    problems.push(`${yaml?.file ?? ''}: ${problem}`);
  }) as CoreConfig;
  const values = file as Record<string, unknown>;
  for (const [key, leaf] of leaves(shape)) {
    const name = environmentName(key);
    const text = options.env[name];
    if (text !== undefined && text !== '') setLeaf(values, key, leaf, text, name, problems);
  }
  for (const [key, text] of Object.entries(options.overrides ?? {})) {
    const leaf = leaves(shape).get(key);
    if (!leaf) throw new LauncherError(`no such configuration key: ${key}`);
    setLeaf(values, key, leaf, text, key, problems);
  }
  const spec = options.env['FABRIC_LOGGING_SPEC'];
  if (spec) setLeaf(values, 'logging.spec', { type: 'string' }, spec, 'FABRIC_LOGGING_SPEC', problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const config = compileConfig(file, yaml?.dir ?? process.cwd());
  return {
    config,
    ...(yaml && { file: yaml.file }),
    warnings: [
      ...withoutUse(values),
      ...withoutDocker(values),
      ...mistypedVariables(options.env),
      ...config.notes,
    ],
  };
}

async function readFile(options: LoadOptions): Promise<CoreYaml | undefined> {
  if (options.config === undefined) {
    const found = findCoreYaml(options.env);
    return found === undefined ? undefined : readCoreYaml(found);
  }
  const path = resolve(options.config);
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  return readCoreYaml(isFolder ? join(path, 'core.yaml') : path);
}

function setLeaf(
  values: Record<string, unknown>,
  key: string,
  leaf: Shape,
  text: string,
  source: string,
  problems: string[],
): void {
  try {
    const parts = key.split('.');
    const last = parts.pop() ?? '';
    let target = values;
    for (const part of parts) target = (target[part] ??= {}) as Record<string, unknown>;
    target[last] = shapeLeaf(leaf, text);
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    problems.push(`${source}: ${error.message}`);
  }
}

/** One line for all keys that were written and that nothing reads. Those whose value is checked mean what they say. */
function withoutUse(values: Readonly<Record<string, unknown>>): string[] {
  const keys = [...leaves(shape)]
    .filter(([key, leaf]) => leaf['x-unused'] && !leaf.type && lookup(values, key) !== undefined)
    .map(([key]) => key);
  return keys.length === 0
    ? []
    : [`keys of core.yaml that have no use here: ${keys.join(', ')} (docs/configuration.md says why)`];
}

/** A peer's own file names a Docker engine; that alone does not make chaincode run there. */
function withoutDocker(values: Readonly<Record<string, unknown>>): string[] {
  const [endpoint, provider] = ['vm.endpoint', 'vm.provider'].map((key) => lookup(values, key));
  return endpoint && provider === undefined
    ? [`vm.endpoint has no use: chaincode runs as processes (set vm.provider to docker or kubernetes)`]
    : [];
}

/** CORE_… variables that nobody knows but that are close to one that is known. */
function mistypedVariables(env: NodeJS.ProcessEnv): string[] {
  const known = new Set([...leaves(shape).keys()].map(environmentName));
  const below = [...known].map((name) => `${name}_`);
  return Object.keys(env)
    .filter((name) => name.startsWith('CORE_') && !known.has(name))
    .filter((name) => !below.some((prefix) => name.startsWith(prefix)))
    .flatMap((name) => {
      const meant = nearest(name, [...known]);
      const close = meant !== undefined && Math.abs(meant.length - name.length) <= 2;
      return close ? [`environment variable ${name} is not known; did you mean ${meant}?`] : [];
    });
}
