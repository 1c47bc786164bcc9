import { LauncherError } from '../errors.js';
import type { SigningIdentity } from '../msp/types.js';
import { peer, type common } from '../protos/index.js';
import { plainResponse, proposalHash, proposalResponsePayload, type Action } from './proposalResponse.js';
import { errorThreshold } from './simulate.js';

/** The one endorsement plugin there is, by the name that lscc writes where none is given. */
const builtIn = 'escc';

export interface EndorsementRequest {
  /** ChaincodeData.escc of the chaincode; `escc` for system chaincode. */
  readonly plugin: string;
  readonly header: common.Header;
  readonly proposalPayload: Uint8Array;
  readonly action: Action;
}

/** Signs what a proposal led to (core/endorser/plugin_endorser.go; contract 11). A status from 400 on is not signed. */
export async function endorse(
  signer: SigningIdentity,
  { plugin, header, proposalPayload, action }: EndorsementRequest,
): Promise<peer.ProposalResponse> {
  if (action.response.getStatus() >= errorThreshold) return plainResponse(action.response);
  if (plugin !== builtIn) {
    throw new LauncherError(
      `plugin with name ${plugin} could not be used: plugin with name ${plugin} wasn't found`,
    );
  }
  const payload = proposalResponsePayload(proposalHash(header, proposalPayload), action);
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(signer.serialized);
  endorsement.setSignature(await signer.sign(Buffer.concat([payload, signer.serialized])));
  const response = plainResponse(action.response);
  response.setVersion(1);
  response.setPayload(payload);
  response.setEndorsement(endorsement);
  return response;
}
