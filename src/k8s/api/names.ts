import { createHash } from 'node:crypto';

/** Whose launch it is. */
export interface PeerIdentity {
  readonly networkId: string;
  readonly id: string;
  readonly mspId: string;
}

export interface ChaincodeIdentity {
  readonly name: string;
  readonly version: string;
}

/** A label value for the endorser: the same for the same names, another one for any others. */
export function peerHash(peer: PeerIdentity): string {
  return hash([peer.networkId, peer.mspId, peer.id], 16);
}

/**
 * Name of the ChaincodeLaunch: `‹chaincode›-‹version›-‹hash›`, a DNS label with room for the Pod's suffixes. The hash is over
 * the separated raw names, so `a-b`:`c` and `a`:`b-c`, `MyCC` and `mycc`, and two endorsers never meet.
 */
export function launchName(peer: PeerIdentity, chaincode: ChaincodeIdentity): string {
  const readable = dnsLabel(`${chaincode.name}-${chaincode.version}`, 34);
  return `${readable}-${hash([peer.networkId, peer.mspId, peer.id, chaincode.name, chaincode.version], 10)}`;
}

/** Name of the Pod of one attempt: fixed before it is made, so that it is never made twice. */
export function podName(
  launch: string,
  launchUid: string,
  attempt: number,
  role: 'chaincode' | 'build',
): string {
  return `${launch}-${role === 'build' ? 'b' : ''}${attempt}-${hash([launchUid], 5)}`;
}

/** At most `longest` characters of `[a-z0-9-]`, beginning with a letter. */
export function dnsLabel(text: string, longest: number): string {
  const clean = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+/, '')
    .slice(0, longest)
    .replace(/-+$/, '');
  return clean === '' ? 'cc' : clean;
}

/** A label value near to the text: at most 63 of `[A-Za-z0-9._-]`, beginning and ending with a letter or digit. */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, '');
}

function hash(parts: readonly string[], length: number): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest();
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return Array.from(bytes.subarray(0, length), (byte) => alphabet[byte % 32]).join('');
}
