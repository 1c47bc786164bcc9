import { createHash } from 'node:crypto';
import { LauncherError } from '../../errors.js';
import type { CCID } from '../types.js';
import { vmName } from '../vmController.js';

/** Whose containers these are: peer.networkId and peer.id; empty parts are left out of names. */
export interface PeerNames {
  readonly networkId: string;
  readonly peerId: string;
}

/** `‹networkId›-‹peerId›`. */
export function peerName({ networkId, peerId }: PeerNames): string {
  return [networkId, peerId].filter(Boolean).join('-');
}

/** `‹networkId›-‹peerId›-‹name›-‹version›` (contract 5.4). */
function preName(peer: PeerNames, ccid: CCID): string {
  return [peerName(peer), vmName(ccid)].filter(Boolean).join('-');
}

function sanitised(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9\-_.]/g, '-');
}

/** The container's name, exactly Fabric's. */
export function containerName(peer: PeerNames, ccid: CCID): string {
  return sanitised(preName(peer, ccid));
}

/** The image's name, exactly Fabric's: an image that Fabric's peer has built is found, and the other way round. */
export function imageName(peer: PeerNames, ccid: CCID): string {
  const name = preName(peer, ccid);
  const hash = createHash('sha256').update(name).digest('hex');
  const image = sanitised(`${name}-${hash}`).toLowerCase();
  if (/^[a-z0-9]+(([._-][a-z0-9]+)+)?$/.test(image)) return image;
  throw new LauncherError(
    `Error constructing Docker VM Name. '${name}' breaks Docker's repository naming rules`,
  );
}
