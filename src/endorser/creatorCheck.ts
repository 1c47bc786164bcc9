import type { Channels } from '../chaincode/types.js';
import { LauncherError, messageOf, wrap } from '../errors.js';
import { parseSerializedIdentity } from '../msp/serializedIdentity.js';
import type { Identity, IdentityDeserializer } from '../msp/types.js';
import type { Logger } from '../ops/log.js';
import type { ParsedProposal } from './parsedProposal.js';

export interface CreatorCheckOptions {
  readonly channels: Pick<Channels, 'resources'>;
  /** Who may send proposals without a channel. */
  readonly localMsp: IdentityDeserializer;
  readonly logger: Logger;
}

/**
 * Proves that the creator is a member of the channel and signed the proposal. Whatever fails, the sender learns only
 * `access denied: channel [‹c›] creator org [‹mspid›]`, so that nobody can search for channels; the log has the reason.
 */
export async function checkCreator(
  options: CreatorCheckOptions,
  { channelId, creator, signedProposal }: ParsedProposal,
): Promise<Identity> {
  try {
    const identity = deserialize(deserializerOf(options, channelId), creator);
    const signature = signedProposal.getSignature_asU8();
    if (signature.length === 0) throw new LauncherError('nil arguments');
    try {
      await identity.verify(signedProposal.getProposalBytes_asU8(), signature);
    } catch (error) {
      throw wrap("creator's signature over the proposal is not valid", error);
    }
    return identity;
  } catch (error) {
    options.logger.warn(`channel [${channelId}]: ${messageOf(error)}`);
    throw new LauncherError(`access denied: channel [${channelId}] creator org [${mspIdOf(creator)}]`, {
      cause: error,
    });
  }
}

function deserializerOf(options: CreatorCheckOptions, channelId: string): IdentityDeserializer {
  if (channelId === '') return options.localMsp;
  const resources = options.channels.resources(channelId);
  if (!resources) throw new LauncherError(`could not get msp for channel [${channelId}]`);
  return resources.deserializer;
}

function deserialize(deserializer: IdentityDeserializer, creator: Uint8Array): Identity {
  let identity: Identity;
  try {
    identity = deserializer.deserializeIdentity(creator);
  } catch (error) {
    throw wrap('MSP error', error);
  }
  try {
    identity.validate();
  } catch (error) {
    throw wrap('creator certificate is not valid', error);
  }
  return identity;
}

function mspIdOf(creator: Uint8Array): string {
  try {
    return parseSerializedIdentity(creator).mspId;
  } catch {
    return '';
  }
}
