import { status } from '@grpc/grpc-js';
import type {
  sendUnaryData,
  ServerUnaryCall,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { messageOf } from '../errors.js';
import { peer, whyUndecodable } from '../protos/index.js';
import type { Endorser } from './endorser.js';

/** What a grpc-js server is given with addService. */
export interface EndorserService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/**
 * `protos.Endorser`. Requests come as bytes, so that those that do not decode get Fabric's answer, which the library's
 * own differs from.
 */
const definition = {
  processProposal: {
    ...peer.EndorserService.processProposal,
    requestDeserialize: (bytes: Buffer): Buffer => bytes,
    responseSerialize: (response: peer.ProposalResponse): Buffer => asBuffer(response.serializeBinary()),
  },
};

type ProcessProposalCall = ServerUnaryCall<Buffer, peer.ProposalResponse>;

/** The service on which clients send proposals (contract 10.1). */
export function endorserService(endorser: Pick<Endorser, 'processProposal'>): EndorserService {
  const processProposal = (call: ProcessProposalCall, answer: sendUnaryData<peer.ProposalResponse>): void => {
    let signedProposal: peer.SignedProposal;
    try {
      signedProposal = peer.SignedProposal.deserializeBinary(call.request);
    } catch {
      const details = `grpc: error unmarshalling request: ${whyUndecodable(call.request)}`;
      answer({ code: status.INTERNAL, details });
      return;
    }
    endorser.processProposal(signedProposal).then(
      (response) => answer(null, response),
      (error: unknown) => answer({ code: status.UNKNOWN, details: messageOf(error) }),
    );
  };
  return { definition, implementation: { processProposal } };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
