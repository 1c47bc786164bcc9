import { LauncherError, wrap } from '../../errors.js';
import { policyFromString } from '../../policies/dsl.js';
import { peer } from '../../protos/index.js';
import { readInput } from '../files.js';
import { parseGoJson } from '../goJson.js';
import type { CliIo } from '../io.js';

interface CollectionJson {
  name?: string;
  policy?: string;
  requiredPeerCount?: number;
  maxPeerCount?: number;
  blockToLive?: number;
  memberOnlyRead?: boolean;
}

/** Marshalled CollectionConfigPackage of --collections-config. */
export async function readCollections(io: CliIo, file: string): Promise<Uint8Array> {
  const prefix = `invalid collection configuration in file ${file}`;
  let text: string;
  try {
    text = (await readInput(io, file)).toString('utf8');
  } catch (error) {
    throw wrap(`${prefix}: could not read file '${file}'`, error);
  }
  try {
    const result = new peer.CollectionConfigPackage();
    result.setConfigList(parse(text).map(collection));
    return result.serializeBinary();
  } catch (error) {
    throw wrap(prefix, error);
  }
}

function parse(text: string): CollectionJson[] {
  let parsed: unknown;
  try {
    parsed = parseGoJson(text);
  } catch (error) {
    throw wrap('could not parse the collection configuration', error);
  }
  if (!Array.isArray(parsed))
    throw new LauncherError('could not parse the collection configuration: expected an array');
  return parsed as CollectionJson[];
}

function collection(json: CollectionJson): peer.CollectionConfig {
  const policy = new peer.CollectionPolicyConfig();
  try {
    policy.setSignaturePolicy(policyFromString(json.policy ?? ''));
  } catch (error) {
    throw wrap(`invalid policy ${json.policy ?? ''}`, error);
  }
  const fixed = new peer.StaticCollectionConfig();
  fixed.setName(json.name ?? '');
  fixed.setMemberOrgsPolicy(policy);
  fixed.setRequiredPeerCount(json.requiredPeerCount ?? 0);
  fixed.setMaximumPeerCount(json.maxPeerCount ?? 0);
  fixed.setBlockToLive(json.blockToLive ?? 0);
  fixed.setMemberOnlyRead(json.memberOnlyRead ?? false);
  const config = new peer.CollectionConfig();
  config.setStaticCollectionConfig(fixed);
  return config;
}
