import type { LocalPolicies } from '../../acl/localPolicies.js';
import type { AclProvider, Channels } from '../../chaincode/types.js';
import { LauncherError, messageOf } from '../../errors.js';
import type { SystemChaincode, SystemChaincodeStub } from '../../launcher/inproc/types.js';
import { peer, type common } from '../../protos/index.js';
import { bytesArg, textArg } from '../args.js';
import { answer, success } from '../responses.js';
import { configBlock, configTree, simulateConfigUpdate } from './configQueries.js';
import { genesisBlockOf } from './genesisBlock.js';

export interface CsccOptions {
  readonly channels: Channels & { list(): readonly { readonly id: string }[] };
  /** Joins the channel of a genesis block; rejects with `cannot create ledger from genesis block: …`. */
  readonly join: (genesisBlock: common.Block) => Promise<unknown>;
  readonly acl: AclProvider;
  readonly localPolicies: Pick<LocalPolicies, 'check'>;
}

/** Joins channels and tells about their configuration (core/scc/cscc; contract 8). */
export class Cscc implements SystemChaincode {
  readonly name = 'cscc';
  readonly invokableExternal = true;
  readonly invokableCC2CC = false;
  readonly #options: CsccOptions;

  constructor(options: CsccOptions) {
    this.#options = options;
  }

  async init(): Promise<peer.Response> {
    return success('');
  }

  invoke(stub: SystemChaincodeStub): Promise<peer.Response> {
    return answer(() => this.#dispatch(stub));
  }

  async #dispatch(stub: SystemChaincodeStub): Promise<Uint8Array | string> {
    const { args, signedProposal } = stub;
    const name = textArg(args, 0);
    if (args.length < 1 || (name !== 'GetChannels' && args.length < 2)) {
      throw new LauncherError(`Incorrect number of arguments, ${args.length}`);
    }
    if (!signedProposal) {
      throw new LauncherError(
        'Failed getting signed proposal from stub: [no signed proposal in the transaction]',
      );
    }
    switch (name) {
      case 'JoinChain':
        return this.#join(bytesArg(args, 1), signedProposal);
      case 'GetConfigBlock':
      case 'GetConfigTree':
      case 'SimulateConfigTreeUpdate':
        return this.#askAboutConfig(name, args, signedProposal);
      case 'GetChannels':
        return this.#listChannels(signedProposal);
      default:
        throw new LauncherError(`Requested function ${name} not found.`);
    }
  }

  /** Fabric reads the block before it asks who sent it: the refusal names the block's channel. */
  async #join(blockBytes: Uint8Array, signedProposal: peer.SignedProposal): Promise<string> {
    const { block, channelId } = genesisBlockOf(blockBytes);
    try {
      await this.#options.localPolicies.check('Admins', signedProposal);
    } catch (error) {
      throw new LauncherError(`access denied for [JoinChain][${channelId}]: [${messageOf(error)}]`, {
        cause: error,
      });
    }
    await this.#options.join(block);
    return '';
  }

  async #askAboutConfig(
    name: 'GetConfigBlock' | 'GetConfigTree' | 'SimulateConfigTreeUpdate',
    args: readonly Uint8Array[],
    signedProposal: peer.SignedProposal,
  ): Promise<Uint8Array | string> {
    const channelId = textArg(args, 1);
    try {
      await this.#options.acl.checkAcl(`cscc/${name}`, channelId, signedProposal);
    } catch (error) {
      throw new LauncherError(`access denied for [${name}][${channelId}]: ${messageOf(error)}`, {
        cause: error,
      });
    }
    switch (name) {
      case 'GetConfigBlock':
        return configBlock(this.#options.channels.ledger(channelId), channelId);
      case 'GetConfigTree':
        return configTree(this.#options.channels.resources(channelId), channelId);
      case 'SimulateConfigTreeUpdate':
        return simulateConfigUpdate(this.#options.channels.resources(channelId), channelId, args[2]);
    }
  }

  async #listChannels(signedProposal: peer.SignedProposal): Promise<Uint8Array> {
    try {
      await this.#options.localPolicies.check('Members', signedProposal);
    } catch (error) {
      throw new LauncherError(`access denied for [GetChannels]: ${messageOf(error)}`, { cause: error });
    }
    const response = new peer.ChannelQueryResponse();
    for (const { id } of this.#options.channels.list()) {
      const info = new peer.ChannelInfo();
      info.setChannelId(id);
      response.addChannels(info);
    }
    return response.serializeBinary();
  }
}
