import {
  status,
  type ServerDuplexStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { common, orderer, peer } from '../protos/index.js';
import { serveDeliver, type AnswerFormat, type DeliverOptions } from './deliverStream.js';
import { filteredBlock } from './filteredBlock.js';

/** A service as a gRPC server takes it. */
export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

type PeerCall = ServerDuplexStream<common.Envelope, peer.DeliverResponse>;
type OrdererCall = ServerDuplexStream<common.Envelope, orderer.DeliverResponse>;

const peerStatus = (code: common.StatusMap[keyof common.StatusMap]): peer.DeliverResponse => {
  const response = new peer.DeliverResponse();
  response.setStatus(code);
  return response;
};

const fullBlocks: AnswerFormat<peer.DeliverResponse> = {
  filtered: false,
  status: peerStatus,
  block: (block) => {
    const response = new peer.DeliverResponse();
    response.setBlock(block);
    return response;
  },
};

const filteredBlocks: AnswerFormat<peer.DeliverResponse> = {
  filtered: true,
  status: peerStatus,
  block: (block, channelId) => {
    const response = new peer.DeliverResponse();
    response.setFilteredBlock(filteredBlock(block, channelId));
    return response;
  },
};

const ordererBlocks: AnswerFormat<orderer.DeliverResponse> = {
  filtered: false,
  status: (code) => {
    const response = new orderer.DeliverResponse();
    response.setStatus(code);
    return response;
  },
  block: (block) => {
    const response = new orderer.DeliverResponse();
    response.setBlock(block);
    return response;
  },
};

/** `protos.Deliver` of a peer; full and filtered blocks may have different readers (event/Block, event/FilteredBlock). */
export function peerDeliverService(options: { full: DeliverOptions; filtered: DeliverOptions }): GrpcService {
  return {
    definition: peer.DeliverService,
    implementation: {
      deliver: (call: PeerCall) => void serveDeliver(call, options.full, fullBlocks),
      deliverFiltered: (call: PeerCall) => void serveDeliver(call, options.filtered, filteredBlocks),
      deliverWithPrivateData: (call: PeerCall) =>
        call.emit('error', { code: status.UNIMPLEMENTED, details: 'DeliverWithPrivateData is not offered' }),
    },
  };
}

/** Deliver of `orderer.AtomicBroadcast`. */
export function ordererDeliver(options: DeliverOptions): (call: OrdererCall) => void {
  return (call) => void serveDeliver(call, options, ordererBlocks);
}
