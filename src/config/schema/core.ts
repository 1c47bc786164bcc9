import type { Static, TSchema } from 'typebox';
import { chaincode } from './chaincode.js';
import { docker } from './docker.js';
import { choice, count, duration, section, text } from './kinds.js';
import { kubernetes } from './kubernetes.js';
import { ledger } from './ledger.js';
import { logging, metrics, operations } from './operations.js';
import { peer } from './peer.js';

const vm = section('What runs chaincode.', {
  provider: choice(
    '`process`: a child process of the endorser. `docker`: a container of a Docker engine. `kubernetes`: a Pod. Not in Fabric.',
    ['process', 'docker', 'kubernetes'],
    'process',
  ),
  endpoint: text(
    'Docker engine, as `unix:///path`, `tcp://host:port` or `https://host:port`. Empty = `unix:///var/run/docker.sock`.',
  ),
  docker,
  kubernetes,
  retire: section('What becomes of versions that an upgrade has replaced. Not in Fabric.', {
    keep: count('So many of the newest old versions go on running.'),
    grace: duration('The others are stopped after so long.', '0s'),
  }),
});

/** The shape of core.yaml: every key with its description and default. Every key is optional. */
export const coreSchema = section('Fabric’s core.yaml as chaincode-launcher reads it.', {
  peer,
  vm,
  chaincode,
  ledger,
  operations,
  metrics,
  logging,
});

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** The configuration with every default in place; keys without use are unknown. */
export type CompleteConfig = Static<typeof coreSchema>;

/** What a person writes: any part of the schema. */
export type CoreConfig = DeepPartial<CompleteConfig>;

/** What holds where nobody says otherwise, taken from the schema. Keys without use have none. */
export const defaults = defaultsOf(coreSchema) as CompleteConfig;

function defaultsOf(schema: TSchema): unknown {
  const { properties, default: value } = schema as {
    properties?: Readonly<Record<string, TSchema>>;
    default?: unknown;
  };
  if (!properties) return value;
  const entries = Object.entries(properties).map(([key, child]) => [key, defaultsOf(child)]);
  return Object.fromEntries(entries.filter(([, child]) => child !== undefined));
}
