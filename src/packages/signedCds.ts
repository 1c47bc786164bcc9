import { LauncherError } from '../errors.js';
import type { SigningIdentity } from '../msp/types.js';
import { common, peer } from '../protos/index.js';
import { timestampOf } from '../protos/timestamp.js';
import { chaincodePackageHeaderType, openSignedPackage } from './ccPackage.js';
import { hasField } from './wire.js';

/** What goes into a signed package (`peer chaincode package -s`). */
export interface SignedPackageOptions {
  /** Marshalled ChaincodeDeploymentSpec. */
  readonly cds: Uint8Array;
  /** Marshalled SignaturePolicyEnvelope. */
  readonly instantiationPolicy: Uint8Array;
  /** The first owner; without one the package can not be signed by others later. */
  readonly signer?: SigningIdentity;
  readonly now?: () => Date;
}

async function ownerEndorsement(
  cds: Uint8Array,
  policy: Uint8Array,
  owner: SigningIdentity,
): Promise<peer.Endorsement> {
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(owner.serialized);
  endorsement.setSignature(await owner.sign(Buffer.concat([cds, policy, owner.serialized])));
  return endorsement;
}

function envelopeOf(signed: peer.SignedChaincodeDeploymentSpec, now: Date): Uint8Array {
  const timestamp = timestampOf(now);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(chaincodePackageHeaderType);
  channelHeader.setTimestamp(timestamp);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(signed.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}

/** Makes a signed package: the bytes of its Envelope, endorsed by the owner if there is one. */
export async function makeSignedPackage(options: SignedPackageOptions): Promise<Uint8Array> {
  const { cds, instantiationPolicy, signer } = options;
  if (cds.length === 0) throw new LauncherError('nil chaincode deployment spec');
  if (instantiationPolicy.length === 0) throw new LauncherError('nil instantiation policy');
  const signed = new peer.SignedChaincodeDeploymentSpec();
  signed.setChaincodeDeploymentSpec(cds);
  signed.setInstantiationPolicy(instantiationPolicy);
  if (signer !== undefined) {
    signed.addOwnerEndorsements(await ownerEndorsement(cds, instantiationPolicy, signer));
  }
  return envelopeOf(signed, options.now?.() ?? new Date());
}

/**
 * Adds one owner's endorsement to a signed package (`peer chaincode signpackage`).
 * @throws `invalid signed deployment spec` when it was made without an owner, `channel header cannot be nil` for a bare CDS
 */
export async function signPackage(
  packageBytes: Uint8Array,
  signer: SigningIdentity,
  now: () => Date = () => new Date(),
): Promise<Uint8Array> {
  const { signed, signedBytes } = openSignedPackage(packageBytes);
  if (![1, 2, 3].every((number) => hasField(signedBytes, number))) {
    throw new LauncherError('invalid signed deployment spec');
  }
  const added = await ownerEndorsement(
    signed.getChaincodeDeploymentSpec_asU8(),
    signed.getInstantiationPolicy_asU8(),
    signer,
  );
  signed.addOwnerEndorsements(added);
  return envelopeOf(signed, now());
}
