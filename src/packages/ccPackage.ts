import { LauncherError } from '../errors.js';
import { common, decode, peer } from '../protos/index.js';
import { sha256 } from './hashes.js';
import { platformOfNumber, type Platform } from './platform.js';
import type { CCPackage } from './types.js';
import { bytesFields, checkShape, encodeBytesFields, hasField, type WireShape } from './wire.js';

/** common.HeaderType CHAINCODE_PACKAGE: the channel header type of a signed package. */
export const chaincodePackageHeaderType = 6;

const depSpecShape: WireShape = {
  1: {
    message: {
      1: 'varint',
      2: { message: { 1: 'string', 2: 'string', 3: 'string' } },
      3: { message: { 1: 'bytes', 2: { message: { 1: 'string', 2: 'bytes' } }, 3: 'varint' } },
      4: 'varint',
    },
  },
  3: 'bytes',
  4: 'varint',
};
const envelopeShape: WireShape = {
  1: {
    message: {
      1: { message: { 1: { message: { 1: 'varint', 2: 'varint', 4: 'string', 5: 'string' } }, 2: 'bytes' } },
      2: {
        message: { 1: 'bytes', 2: 'bytes', 3: { message: { 1: 'bytes', 2: 'bytes' } } },
      },
    },
  },
  2: 'bytes',
};

interface DepSpec {
  readonly spec: peer.ChaincodeDeploymentSpec;
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

function readDepSpec(bytes: Uint8Array): DepSpec {
  checkShape(bytes, depSpecShape);
  const spec = decode(peer.ChaincodeDeploymentSpec, bytes, 'ChaincodeDeploymentSpec');
  // Fabric crashes on a package without these; here it is one more form that is no package.
  const id = spec.getChaincodeSpec()?.getChaincodeId();
  if (id === undefined) throw new LauncherError('invalid chaincode deployment spec');
  return { spec, name: id.getName(), version: id.getVersion(), path: id.getPath() };
}

/** Reads the bare format, a marshalled ChaincodeDeploymentSpec. */
function readCds(bytes: Uint8Array): CCPackage {
  let depSpec: DepSpec;
  try {
    depSpec = readDepSpec(bytes);
  } catch (cause) {
    throw new LauncherError('failed to unmarshal deployment spec from bytes', { cause });
  }
  const codeHash = sha256(depSpec.spec.getCodePackage_asU8());
  const metadataHash = sha256(depSpec.name, depSpec.version);
  return {
    format: 'cds',
    bytes,
    depSpecBytes: bytes,
    ...depSpec,
    dataBytes: encodeBytesFields([
      [1, codeHash],
      [2, metadataHash],
    ]),
    id: sha256(codeHash, metadataHash),
  };
}

/** The parts of a signed package's envelope. @throws Fabric's texts of contract 6 */
export function openSignedPackage(bytes: Uint8Array): {
  headerType: number;
  signed: peer.SignedChaincodeDeploymentSpec;
  signedBytes: Uint8Array;
} {
  try {
    checkShape(bytes, { 1: 'bytes', 2: 'bytes' });
  } catch (cause) {
    throw new LauncherError('failed to unmarshal envelope from bytes', { cause });
  }
  const envelope = decode(common.Envelope, bytes, 'Envelope');
  const payloadBytes = envelope.getPayload_asU8();
  // Go's decoder takes a field of another wire type for an unknown one: then there is no header.
  if (!bytesFields(payloadBytes).has(1)) throw new LauncherError('channel header cannot be nil');
  checkShape(payloadBytes, { 1: 'bytes', 2: 'bytes' });
  const payload = decode(common.Payload, payloadBytes, 'Payload');
  const header = payload.getHeader();
  if (header === undefined) throw new LauncherError('channel header cannot be nil');
  checkShape(bytes, envelopeShape);
  const channelHeader = decode(common.ChannelHeader, header.getChannelHeader_asU8(), 'ChannelHeader');
  const signedBytes = payload.getData_asU8();
  const signed = decode(peer.SignedChaincodeDeploymentSpec, signedBytes, 'SignedChaincodeDeploymentSpec');
  return { headerType: channelHeader.getType(), signed, signedBytes };
}

/** Reads the signed format, an Envelope around a SignedChaincodeDeploymentSpec. */
function readSigned(bytes: Uint8Array): CCPackage {
  const { headerType, signed, signedBytes } = openSignedPackage(bytes);
  if (headerType !== chaincodePackageHeaderType) {
    throw new LauncherError('invalid type of envelope for chaincode package');
  }
  if (!hasField(signedBytes, 1)) {
    throw new LauncherError('signed chaincode deployment spec cannot be nil in a package');
  }
  const depSpecBytes = signed.getChaincodeDeploymentSpec_asU8();
  let depSpec: DepSpec;
  try {
    depSpec = readDepSpec(depSpecBytes);
  } catch (cause) {
    throw new LauncherError('error getting deployment spec', { cause });
  }
  if (!hasField(signedBytes, 2)) {
    throw new LauncherError(
      `instantiation policy cannot be nil for chaincode (${depSpec.name}:${depSpec.version})`,
    );
  }
  const instantiationPolicy = signed.getInstantiationPolicy_asU8();
  const codeHash = sha256(depSpec.spec.getCodePackage_asU8());
  const metadataHash = sha256(depSpec.name, depSpec.version);
  // The owners' identities count, their signatures do not.
  const owners = signed.getOwnerEndorsementsList().map((owner) => owner.getEndorser_asU8());
  const signatureHash = sha256(instantiationPolicy, ...owners);
  return {
    format: 'signed',
    bytes,
    depSpecBytes,
    ...depSpec,
    dataBytes: encodeBytesFields([
      [1, codeHash],
      [2, metadataHash],
      [3, signatureHash],
    ]),
    id: sha256(codeHash, metadataHash, signatureHash),
    instantiationPolicy,
  };
}

const unprintable = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

function attempt(read: () => CCPackage): CCPackage | undefined {
  try {
    const ccPackage = read();
    // Garbage sometimes decodes; a name of control characters gives it away.
    return unprintable.test(ccPackage.name) ? undefined : ccPackage;
  } catch {
    // Not this format: the caller tries the other one, and says so when neither fits.
    return undefined;
  }
}

/**
 * Reads a package that a client sends to be installed: both formats are tried, the signed one wins (contract 6).
 * @throws `could not unmarshal chaincode package to CDS or SignedCDS`
 */
export function parseCCPackage(bytes: Uint8Array): CCPackage {
  const found = attempt(() => readSigned(bytes)) ?? attempt(() => readCds(bytes));
  if (found !== undefined) return found;
  throw new LauncherError('could not unmarshal chaincode package to CDS or SignedCDS');
}

/** Reads an installed file: the bare format first, then the signed one, whose reason is the one given (contract 6). */
export function ccPackageFromFileBytes(bytes: Uint8Array): CCPackage {
  return attempt(() => readCds(bytes)) ?? readSigned(bytes);
}

/**
 * Is the package the one that the channel's definition was made from?
 * @throws `invalid chaincode data …` or `data mismatch` (Fabric's ValidateCC)
 */
export function checkAgainstDefinition(
  ccPackage: CCPackage,
  definition: { readonly name: string; readonly version: string; readonly data: Uint8Array },
): void {
  const { name, version, dataBytes } = ccPackage;
  if (unprintable.test(definition.name)) {
    throw new LauncherError(`invalid chaincode name: ${JSON.stringify(definition.name)}`);
  }
  if (definition.name !== name || definition.version !== version) {
    throw new LauncherError(
      `invalid chaincode data name:"${definition.name}" version:"${definition.version}"  (name:"${name}" version:"${version}" )`,
    );
  }
  if (!Buffer.from(dataBytes).equals(definition.data)) throw new LauncherError('data mismatch');
}

/** The platform that the package's ChaincodeSpec names; undefined when Fabric does not know it. */
export function platformOf(ccPackage: CCPackage): Platform | undefined {
  return platformOfNumber(ccPackage.spec.getChaincodeSpec()?.getType() ?? 0);
}
