import type { common, peer } from '../protos/index.js';
import { policyFailure } from './invalidTransaction.js';
import type { Deployment, LsccContext } from './deployment.js';
import { strict } from './strictDecode.js';

const namePattern = /^[A-Za-z0-9_-]+$/;
/** Index of the collections among lscc's arguments after the function. */
const collectionsArgument = 5;

/**
 * Collections given at deploy or upgrade (builtin/v13: validateRWSetAndCollection); for channels with V1_2.
 * Throws InvalidTransaction (10).
 */
export function checkCollections(deployment: Deployment, context: LsccContext): void {
  const { args, kind, written } = deployment;
  const chaincode = `${written.name}:${written.version}`;
  const argument = args[collectionsArgument];
  checkWrites(deployment, argument, chaincode);
  const existing = context.state.getState('lscc', `${written.name}~collection`);
  if (kind === 'deploy' && existing) {
    throw policyFailure(`collection data should not exist for chaincode ${chaincode}`);
  }
  // Without the argument an upgrade keeps the collections; with an empty one it would drop them, and is checked.
  if (!argument) return;
  const collections = parseArgument(argument, chaincode).map(staticOf);
  checkNew(collections);
  if (kind === 'upgrade' && existing) {
    checkAgainstOld(collections, strict.collections(existing).getConfigList().map(staticOf));
  }
}

function checkWrites(
  { writes, written }: Deployment,
  argument: Uint8Array | undefined,
  chaincode: string,
): void {
  if (writes.length > 2) throw policyFailure('LSCC can only issue one or two putState upon deploy');
  const second = writes[1];
  const key = `${written.name}~collection`;
  if (second && second.getKey() !== key) {
    throw policyFailure(
      `invalid key for the collection of chaincode ${chaincode}; expected '${key}', received '${second.getKey()}'`,
    );
  }
  if (Buffer.compare(argument ?? new Uint8Array(), second?.getValue_asU8() ?? new Uint8Array()) !== 0) {
    throw policyFailure(
      `collection configuration arguments supplied for chaincode ${chaincode} do not match the configuration in the lscc writeset`,
    );
  }
}

function parseArgument(argument: Uint8Array, chaincode: string): peer.CollectionConfig[] {
  try {
    return strict.collections(argument).getConfigList();
  } catch (error) {
    throw policyFailure(`invalid collection configuration supplied for chaincode ${chaincode}`, {
      cause: error,
    });
  }
}

function staticOf(config: peer.CollectionConfig): peer.StaticCollectionConfig {
  const collection = config.getStaticCollectionConfig();
  if (!collection) throw policyFailure('unknown collection configuration type');
  return collection;
}

function checkNew(collections: readonly peer.StaticCollectionConfig[]): void {
  const names = new Set<string>();
  for (const collection of collections) {
    const name = collection.getName();
    if (name === '') throw policyFailure('empty collection-name is not allowed');
    const prefix = `collection-name: ${name}`;
    if (!namePattern.test(name)) {
      throw policyFailure(
        `${prefix} not allowed. A valid collection name follows the pattern: [A-Za-z0-9_-]+`,
      );
    }
    if (names.has(name)) throw policyFailure(`${prefix} -- found duplicate collection configuration`);
    names.add(name);
    const [maximum, required] = [collection.getMaximumPeerCount(), collection.getRequiredPeerCount()];
    if (maximum < required) {
      throw policyFailure(
        `${prefix} -- maximum peer count (${maximum}) cannot be greater than the required peer count (${required})`,
      );
    }
    if (required < 0) {
      throw policyFailure(
        `${prefix} -- requiredPeerCount (${maximum}) cannot be less than zero (${required})`,
      );
    }
    checkOrOnly(collection.getMemberOrgsPolicy()?.getSignaturePolicy()?.getRule(), prefix);
  }
}

/** The member policy may only be an OR of identities. */
function checkOrOnly(rule: common.SignaturePolicy | undefined, prefix: string): void {
  const memberPolicy = `${prefix} -- error in member org policy:`;
  // Fabric's peer would crash on the missing policy.
  if (!rule) throw policyFailure(`${memberPolicy} collection member policy is not set`);
  const gate = rule.getNOutOf();
  if (!gate) return;
  if (gate.getN() !== 1) {
    throw policyFailure(`${memberPolicy} signature policy is not an OR concatenation, NOutOf ${gate.getN()}`);
  }
  for (const one of gate.getRulesList()) checkOrOnly(one, prefix);
}

function checkAgainstOld(
  collections: readonly peer.StaticCollectionConfig[],
  old: readonly peer.StaticCollectionConfig[],
): void {
  const byName = new Map(collections.map((one) => [one.getName(), one]));
  const missing = old.filter((one) => !byName.has(one.getName())).map((one) => one.getName());
  if (missing.length > 0) {
    throw policyFailure(
      `the following existing collections are missing in the new collection configuration package: [${missing.join(' ')}]`,
    );
  }
  const changed = old
    .filter((one) => byName.get(one.getName())?.getBlockToLive() !== one.getBlockToLive())
    .map((one) => one.getName());
  if (changed.length > 0) {
    throw policyFailure(
      `the BlockToLive in the following existing collections must not be modified: [${changed.join(' ')}]`,
    );
  }
}
