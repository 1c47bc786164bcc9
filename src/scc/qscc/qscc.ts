import type { AclProvider, Channels } from '../../chaincode/types.js';
import { LauncherError, messageOf } from '../../errors.js';
import type { SystemChaincode, SystemChaincodeStub } from '../../launcher/inproc/types.js';
import type { PeerLedger } from '../../ledger/types.js';
import type { peer } from '../../protos/index.js';
import { bytesArg, textArg } from '../args.js';
import { answer, success } from '../responses.js';
import { parseUint64 } from './parseUint64.js';

export interface QsccOptions {
  readonly channels: Pick<Channels, 'ledger'>;
  readonly acl: AclProvider;
}

type Query = (ledger: PeerLedger, argument: Uint8Array) => Uint8Array;

const newestBlock = 2n ** 64n - 1n;

const queries: ReadonlyMap<string, Query> = new Map<string, Query>([
  ['GetChainInfo', (ledger) => named('block info with', () => ledger.getBlockchainInfo())],
  ['GetBlockByNumber', blockByNumber],
  ['GetBlockByHash', (ledger, hash) => named(`block hash ${text(hash)},`, () => ledger.getBlockByHash(hash))],
  [
    'GetTransactionByID',
    (ledger, id) => named(`transaction with id ${text(id)},`, () => ledger.getTransactionById(text(id))),
  ],
  [
    'GetBlockByTxID',
    (ledger, id) => named(`block for txID ${text(id)},`, () => ledger.getBlockByTxId(text(id))),
  ],
]);

/** Answers questions about a channel's blocks (core/scc/qscc; contract 8). */
export class Qscc implements SystemChaincode {
  readonly name = 'qscc';
  readonly invokableExternal = true;
  readonly invokableCC2CC = true;
  readonly #options: QsccOptions;

  constructor(options: QsccOptions) {
    this.#options = options;
  }

  async init(): Promise<peer.Response> {
    return success('');
  }

  invoke(stub: SystemChaincodeStub): Promise<peer.Response> {
    return answer(() => this.#query(stub));
  }

  async #query(stub: SystemChaincodeStub): Promise<Uint8Array> {
    const { args } = stub;
    if (args.length < 2) throw new LauncherError(`Incorrect number of arguments, ${args.length}`);
    const name = textArg(args, 0);
    const channelId = textArg(args, 1);
    if (name !== 'GetChainInfo' && args.length < 3) {
      throw new LauncherError(`missing 3rd argument for ${name}`);
    }
    const ledger = this.#options.channels.ledger(channelId);
    if (!ledger) throw new LauncherError(`Invalid chain ID, ${channelId}`);
    await this.#checkAccess(stub, name, channelId);
    const query = queries.get(name);
    if (!query) throw new LauncherError(`Requested function ${name} not found.`);
    return query(ledger, bytesArg(args, 2));
  }

  async #checkAccess(stub: SystemChaincodeStub, name: string, channelId: string): Promise<void> {
    const { signedProposal } = stub;
    if (!signedProposal) {
      throw new LauncherError(
        `Failed getting signed proposal from stub, ${channelId}: no signed proposal in the transaction`,
      );
    }
    try {
      await this.#options.acl.checkAcl(`qscc/${name}`, channelId, signedProposal);
    } catch (error) {
      throw new LauncherError(`access denied for [${name}][${channelId}]: [${messageOf(error)}]`, {
        cause: error,
      });
    }
  }
}

function blockByNumber(ledger: PeerLedger, argument: Uint8Array): Uint8Array {
  let blockNumber: bigint;
  try {
    blockNumber = parseUint64(text(argument));
  } catch (error) {
    throw new LauncherError(`Failed to parse block number with error ${messageOf(error)}`, { cause: error });
  }
  return named(`block number ${blockNumber.toString()},`, () =>
    ledger.getBlockByNumber(blockNumber === newestBlock ? ledger.height - 1 : Number(blockNumber)),
  );
}

function named(what: string, find: () => { serializeBinary(): Uint8Array }): Uint8Array {
  try {
    return find().serializeBinary();
  } catch (error) {
    throw new LauncherError(`Failed to get ${what} error ${messageOf(error)}`, { cause: error });
  }
}

function text(argument: Uint8Array): string {
  return Buffer.from(argument).toString();
}
