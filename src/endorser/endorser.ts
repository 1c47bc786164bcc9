import { messageOf } from '../errors.js';
import type { SigningIdentity } from '../msp/types.js';
import type { peer } from '../protos/index.js';
import { endorse } from './escc.js';
import { IdentityExpiry } from './identityExpiry.js';
import { chaincodeLabel } from './metrics.js';
import { preProcess, type CheckedProposal, type PreProcessOptions } from './preProcess.js';
import { failureResponse, plainResponse, proposalHash, proposalResponsePayload } from './proposalResponse.js';
import { errorThreshold, simulate, type SimulateOptions, type Simulation } from './simulate.js';

/** From this status on a response is a failure of the chaincode: the client gets the results, but no endorsement. */
const errorStatus = 500;

export interface EndorserOptions extends Omit<PreProcessOptions, 'expiry'>, SimulateOptions {
  readonly signer: SigningIdentity;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Simulates and endorses proposals (core/endorser/endorser.go; contract 10). */
export class Endorser {
  readonly #options: EndorserOptions;
  readonly #checks: PreProcessOptions;

  constructor(options: EndorserOptions) {
    this.#options = options;
    this.#checks = { ...options, expiry: new IdentityExpiry(options.now ?? Date.now) };
  }

  /** Rejects when the proposal is refused before anything runs; later failures are responses with status 500. */
  async processProposal(signedProposal: peer.SignedProposal): Promise<peer.ProposalResponse> {
    const began = performance.now();
    const checked = await preProcess(this.#checks, signedProposal);
    const { metrics, logger } = this.#options;
    const { channelId, txId, chaincodeId } = checked;
    let success = false;
    try {
      const simulation = await simulate(this.#options, checked);
      const answer = await this.#answer(checked, simulation);
      success = answer.success;
      if (success) metrics.proposalSucceeded();
      return answer.response;
    } catch (error) {
      logger.error(
        { channel: channelId, txId, chaincode: chaincodeId.getName(), err: error },
        `[${channelId}][${txId.slice(0, 8)}] proposal failed: ${messageOf(error)}`,
      );
      return failureResponse(messageOf(error));
    } finally {
      const seconds = (performance.now() - began) / 1000;
      metrics.proposalTook(channelId, chaincodeLabel(chaincodeId), success, seconds);
    }
  }

  async #answer(
    checked: CheckedProposal,
    simulation: Simulation,
  ): Promise<{ response: peer.ProposalResponse; success: boolean }> {
    const { response } = simulation;
    if (response.getStatus() >= errorStatus) {
      return { response: chaincodeFailure(checked, simulation), success: false };
    }
    if (checked.channelId === '') return { response: plainResponse(response), success: true };
    const endorsed = await this.#endorse(checked, simulation);
    const refused = response.getStatus() >= errorThreshold;
    const { metrics, launches } = this.#options;
    if (refused) metrics.endorsementFailed(checked.channelId, chaincodeLabel(checked.chaincodeId), true);
    else if (simulation.deployed !== undefined) launches?.stepOfTransaction(checked.txId, 'endorsed');
    return { response: endorsed, success: !refused };
  }

  async #endorse(
    { channelId, chaincodeId, header, proposal }: CheckedProposal,
    { definition, results, event, response }: Simulation,
  ): Promise<peer.ProposalResponse> {
    const { metrics, signer, systemVersion } = this.#options;
    chaincodeId.setVersion(definition?.version ?? systemVersion);
    try {
      return await endorse(signer, {
        plugin: definition?.escc ?? 'escc',
        header,
        proposalPayload: proposal.getPayload_asU8(),
        action: { results, event, response, chaincodeId },
      });
    } catch (error) {
      metrics.endorsementFailed(channelId, chaincodeLabel(chaincodeId), false);
      throw error;
    }
  }
}

/** The chaincode failed: what it read and wrote is told all the same, under the name without a version. */
function chaincodeFailure(
  { header, proposal, chaincodeId }: CheckedProposal,
  { results, event, response }: Simulation,
): peer.ProposalResponse {
  const answer = plainResponse(response);
  const hash = proposalHash(header, proposal.getPayload_asU8());
  answer.setPayload(proposalResponsePayload(hash, { results, event, response, chaincodeId }));
  return answer;
}
