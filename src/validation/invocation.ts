import type { ApplicationCapabilities } from '../channelconfig/types.js';
import { LauncherError } from '../errors.js';
import { hasField } from '../packages/wire.js';
import type { peer } from '../protos/index.js';
import { InvalidTransaction, txCode } from './invalidTransaction.js';
import { orInvalid, type EndorsedAction, type OpenedTransaction } from './openTransaction.js';
import { bareReason, strict } from './strictDecode.js';
import { isInvokableExternal, isReachable, isSystemName } from './systemNames.js';
import { parseWrites, type NamespaceWrites } from './writeSet.js';

/** Which chaincode a transaction invoked and what it writes. */
export interface Invocation {
  readonly chaincode: string;
  readonly version: string;
  readonly writeSet: readonly NamespaceWrites[];
  /** Namespaces whose chaincode's policy has to hold, in the order in which they are checked. */
  readonly namespaces: readonly string[];
}

/** Reads extension, action and read-write set (txvalidator: VSCCValidateTx, first half). Throws InvalidTransaction. */
export function readInvocation(
  transaction: OpenedTransaction,
  endorsed: EndorsedAction,
  capabilities: ApplicationCapabilities,
): Invocation {
  const extension = orInvalid(txCode.BAD_HEADER_EXTENSION, '', () =>
    strict.headerExtension(transaction.extension),
  );
  const actionBytes = endorsed.responsePayload.getExtension_asU8();
  const action = orInvalid(txCode.BAD_RESPONSE_PAYLOAD, 'GetActionFromEnvelope failed: ', () => {
    if (!hasField(endorsed.responsePayloadBytes, 2)) {
      throw new LauncherError('response payload is missing extension');
    }
    return strict.action(actionBytes);
  });
  const writeSet = parseResults(action);
  const { chaincode, version } = invokedChaincode(extension, action);
  if (capabilities.v12 && hasField(actionBytes, 2)) checkEvent(action.getEvents_asU8(), chaincode);
  return {
    chaincode,
    version,
    writeSet,
    namespaces: checkNamespaces(chaincode, writeSet, capabilities),
  };
}

function parseResults(action: peer.ChaincodeAction): NamespaceWrites[] {
  try {
    return parseWrites(action.getResults_asU8());
  } catch (error) {
    throw new InvalidTransaction(txCode.BAD_RWSET, `txRWSet.FromProtoBytes failed: ${bareReason(error)}`, {
      cause: error,
    });
  }
}

function invokedChaincode(
  extension: peer.ChaincodeHeaderExtension,
  action: peer.ChaincodeAction,
): { chaincode: string; version: string } {
  const invoked = extension.getChaincodeId();
  const answered = action.getChaincodeId();
  if (!invoked) throw other('nil ChaincodeId in header extension');
  if (!answered) throw other('nil ChaincodeId in ChaincodeAction');
  const chaincode = invoked.getName();
  if (chaincode === '') throw other('invalid chaincode ID');
  if (chaincode !== answered.getName()) {
    throw other(`inconsistent ccid info (${chaincode}/${answered.getName()})`);
  }
  if (answered.getVersion() === '') throw other('invalid chaincode version');
  return { chaincode, version: answered.getVersion() };
}

/** An event that is encoded but empty names no chaincode, so it does not match either. */
function checkEvent(bytes: Uint8Array, chaincode: string): void {
  let event: peer.ChaincodeEvent;
  try {
    event = strict.event(bytes);
  } catch (error) {
    throw other(`invalid chaincode event: ${bareReason(error)}`);
  }
  if (event.getChaincodeId() !== chaincode) {
    throw other('chaincode event chaincode id does not match chaincode action chaincode id');
  }
}

function checkNamespaces(
  chaincode: string,
  writeSet: readonly NamespaceWrites[],
  capabilities: ApplicationCapabilities,
): string[] {
  const namespaces = capabilities.v12 ? [chaincode] : [];
  const seen = new Set<string>();
  for (const one of writeSet) {
    if (seen.has(one.namespace)) {
      throw illegal(`duplicate namespace '${one.namespace}' in txRWSet`);
    }
    seen.add(one.namespace);
    if (!writesAnything(one, capabilities)) continue;
    if (one.namespace !== chaincode || !capabilities.v12) namespaces.push(one.namespace);
  }
  if (isSystemName(chaincode)) {
    if (!isInvokableExternal(chaincode)) {
      throw illegal(`committing an invocation of cc ${chaincode} is illegal`);
    }
    return [chaincode];
  }
  const written = writeSet.filter((one) => writesAnything(one, capabilities));
  if (written.some((one) => one.namespace === 'lscc')) {
    throw illegal(`chaincode ${chaincode} attempted to write to the namespace of LSCC`);
  }
  if (written.some((one) => !isReachable(one.namespace))) {
    throw illegal(
      `chaincode ${chaincode} attempted to write to the namespace of a system chaincode that cannot be invoked`,
    );
  }
  return namespaces;
}

function writesAnything(one: NamespaceWrites, capabilities: ApplicationCapabilities): boolean {
  if (one.writes.length > 0) return true;
  if (capabilities.v13 && one.metadataWrites.length > 0) return true;
  return (
    capabilities.v12 &&
    one.collections.some(
      (collection) =>
        collection.writes.length > 0 || (capabilities.v13 && collection.metadataWrites.length > 0),
    )
  );
}

function other(reason: string): InvalidTransaction {
  return new InvalidTransaction(txCode.INVALID_OTHER_REASON, reason);
}

function illegal(reason: string): InvalidTransaction {
  return new InvalidTransaction(txCode.ILLEGAL_WRITESET, reason);
}
