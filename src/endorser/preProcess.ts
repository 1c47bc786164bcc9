import type { ProposalSigners } from '../acl/proposalSigners.js';
import type { AclProvider, Channels, SystemChaincodes } from '../chaincode/types.js';
import { LauncherError } from '../errors.js';
import type { peer } from '../protos/index.js';
import { checkCreator, type CreatorCheckOptions } from './creatorCheck.js';
import { chaincodeOf, checkChannelHeader, checkSignatureHeader, checkTxId } from './headerChecks.js';
import type { IdentityExpiry } from './identityExpiry.js';
import { chaincodeLabel, type EndorserMetrics } from './metrics.js';
import { parseChannelHeader, parseOuter, type ParsedProposal } from './parsedProposal.js';

export interface PreProcessOptions extends CreatorCheckOptions {
  readonly channels: Channels;
  readonly acl: AclProvider;
  readonly systemChaincodes: SystemChaincodes;
  readonly signers: ProposalSigners;
  readonly metrics: EndorserMetrics;
  readonly expiry: IdentityExpiry;
}

/** A proposal that may be simulated. */
export interface CheckedProposal extends ParsedProposal {
  /** Name and version as the header's extension gives them. */
  readonly chaincodeId: peer.ChaincodeID;
  readonly creatorMspId: string;
}

/**
 * All that is checked before anything runs, in Fabric's order (contract 10.2). What is thrown here reaches the client
 * as an error of the call, not as a response.
 */
export async function preProcess(
  options: PreProcessOptions,
  signedProposal: peer.SignedProposal,
): Promise<CheckedProposal> {
  const outer = parseOuter(signedProposal);
  options.expiry.check(outer.signatureHeader.getCreator_asU8());
  options.metrics.proposalReceived();
  let checked: CheckedProposal;
  try {
    checked = await validate(options, signedProposal, outer);
  } catch (error) {
    options.metrics.validationFailed();
    throw error;
  }
  const name = checked.chaincodeId.getName();
  if (!options.systemChaincodes.isInvokableExternal(name)) {
    throw new LauncherError(`chaincode ${name} cannot be invoked through a proposal`);
  }
  if (checked.channelId !== '') await checkOnChannel(options, checked);
  return checked;
}

/** core/common/validation: ValidateProposalMessage. */
async function validate(
  options: PreProcessOptions,
  signedProposal: peer.SignedProposal,
  { proposal, header, signatureHeader }: ReturnType<typeof parseOuter>,
): Promise<CheckedProposal> {
  const channelHeader = parseChannelHeader(header);
  const parsed: ParsedProposal = {
    signedProposal,
    proposal,
    header,
    channelHeader,
    channelId: channelHeader.getChannelId(),
    txId: channelHeader.getTxId(),
    nonce: signatureHeader.getNonce_asU8(),
    creator: signatureHeader.getCreator_asU8(),
  };
  checkChannelHeader(channelHeader);
  checkSignatureHeader(parsed.nonce, parsed.creator);
  const identity = await checkCreator(options, parsed);
  options.signers.verified(signedProposal, parsed.creator);
  checkTxId(parsed.txId, parsed.nonce, parsed.creator);
  return { ...parsed, chaincodeId: chaincodeOf(channelHeader), creatorMspId: identity.mspId };
}

/** A transaction goes through once; user chaincode asks for write access, system chaincode asks for its own. */
async function checkOnChannel(options: PreProcessOptions, checked: CheckedProposal): Promise<void> {
  const { channelId, chaincodeId, txId, creator, signedProposal } = checked;
  const label = chaincodeLabel(chaincodeId);
  if (options.channels.ledger(channelId)?.hasTransaction(txId)) {
    options.metrics.duplicateTransaction(channelId, label);
    throw new LauncherError(
      `duplicate transaction found [${txId}]. Creator [${Buffer.from(creator).toString('hex')}]`,
    );
  }
  if (options.systemChaincodes.isSystemChaincode(chaincodeId.getName())) return;
  try {
    await options.acl.checkAcl('peer/Propose', channelId, signedProposal);
  } catch (error) {
    options.metrics.aclFailed(channelId, label);
    throw error;
  }
}
