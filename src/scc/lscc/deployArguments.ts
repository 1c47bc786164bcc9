import type { ChannelResources } from '../../channelconfig/types.js';
import { LauncherError } from '../../errors.js';
import { signedByAnyMember } from '../../policies/wellKnown.js';
import { decode, peer } from '../../protos/index.js';
import { bytesArg, textArg } from '../args.js';
import type { LsccOptions } from './options.js';

/** The arguments of deploy and upgrade with what stands for those left out. */
export interface DeployArguments {
  readonly resources: ChannelResources;
  readonly name: string;
  readonly version: string;
  /** Marshalled SignaturePolicyEnvelope. */
  readonly policy: Uint8Array;
  readonly escc: string;
  readonly vscc: string;
  /** Marshalled CollectionConfigPackage; empty = none. */
  readonly collections: Uint8Array;
}

/** function, channel, deployment spec [, policy, escc, vscc, collections]; an empty argument is one not given. */
export function deployArguments(options: LsccOptions, args: readonly Uint8Array[]): DeployArguments {
  if (args.length < 3) throw wrongNumber(args);
  const channelId = textArg(args, 1);
  if (channelId === '') throw new LauncherError(`invalid channel name: ${channelId}`);
  const resources = options.channels.resources(channelId);
  // Fabric ends its peer here: any member could name a channel that it has not joined.
  if (!resources) {
    throw new LauncherError(`non-existent application config for channel '${channelId}'`);
  }
  checkNumber(args, resources);
  const spec = decode(peer.ChaincodeDeploymentSpec, bytesArg(args, 2), 'ChaincodeDeploymentSpec');
  const id = spec.getChaincodeSpec()?.getChaincodeId();
  const policy = bytesArg(args, 3);
  return {
    resources,
    name: id?.getName() ?? '',
    version: id?.getVersion() ?? '',
    policy: policy.length > 0 ? policy : signedByAnyMember(resources.application.mspIds).serializeBinary(),
    escc: textArg(args, 4) || 'escc',
    vscc: textArg(args, 5) || 'vscc',
    collections: bytesArg(args, 6),
  };
}

function checkNumber(args: readonly Uint8Array[], resources: ChannelResources): void {
  const privateData = resources.application.capabilities.v12;
  if (!privateData && args.length > 6) {
    throw new LauncherError(
      'as V1_2 or later capability is not enabled, private channel collections and data are not available',
    );
  }
  if (args.length > 7) throw wrongNumber(args);
}

/** lscc's text for a wrong number of arguments; the function's name is counted. */
export function wrongNumber(args: readonly Uint8Array[]): LauncherError {
  return new LauncherError(`invalid number of arguments to lscc: ${args.length}`);
}
