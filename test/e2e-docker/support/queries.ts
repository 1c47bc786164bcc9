import { readFileSync } from 'node:fs';
import { credentials } from '@grpc/grpc-js';
import { buildProposal } from '../../../src/cli/clients/proposals.js';
import { loadLocalMsp } from '../../../src/msp/localMsp.js';
import type { SigningIdentity } from '../../../src/msp/types.js';
import { peer } from '../../../src/protos/index.js';
import type { DevDescription } from '../../support/devNetwork.js';

/** What the endorser answered. */
export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly payload: string;
}

/** A client in this process: many calls at the same time, without a process for each. */
export class QueryClient {
  readonly #endorser: peer.EndorserClient;
  readonly #signer: SigningIdentity;
  readonly #channelId: string;

  private constructor(description: DevDescription, signer: SigningIdentity) {
    const { address, tlsCa } = description.peer;
    this.#endorser = new peer.EndorserClient(address, credentials.createSsl(readFileSync(tlsCa)));
    this.#signer = signer;
    this.#channelId = description.channel;
  }

  static async open(description: DevDescription): Promise<QueryClient> {
    const { userDir, id } = description.msp;
    return new QueryClient(description, (await loadLocalMsp(userDir, id)).signer);
  }

  async query(chaincode: string, ...args: string[]): Promise<Answer> {
    const { signed } = await buildProposal(this.#signer, {
      channelId: this.#channelId,
      chaincode,
      args: args.map((arg) => Buffer.from(arg)),
    });
    return new Promise((resolve, reject) => {
      this.#endorser.processProposal(signed, (error, answer) => {
        const response = answer?.getResponse();
        if (error) reject(error);
        else
          resolve({
            status: response?.getStatus() ?? 0,
            message: response?.getMessage() ?? '',
            payload: Buffer.from(response?.getPayload_asU8() ?? []).toString(),
          });
      });
    });
  }

  /** The same query so many times at once. */
  many(count: number, chaincode: string, ...args: string[]): Promise<Answer[]> {
    return Promise.all(Array.from({ length: count }, () => this.query(chaincode, ...args)));
  }

  close(): void {
    this.#endorser.close();
  }
}
