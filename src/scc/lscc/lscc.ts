import { LauncherError, messageOf } from '../../errors.js';
import type { SystemChaincode, SystemChaincodeStub } from '../../launcher/inproc/types.js';
import type { peer } from '../../protos/index.js';
import { bytesArg, textArg } from '../args.js';
import { answer, success } from '../responses.js';
import { deploy, upgrade } from './deploy.js';
import { deployArguments, wrongNumber } from './deployArguments.js';
import { install } from './install.js';
import { installedCode } from './installedCode.js';
import { collectionsOf, installedChaincodes, instantiatedChaincodes } from './lists.js';
import type { LsccOptions } from './options.js';
import { definitionOf, instanceBytes } from './state.js';

/** The queries about one chaincode, by all their names, with the resource that guards them. */
const instanceQueries: ReadonlyMap<string, string> = new Map([
  ['getid', 'lscc/ChaincodeExists'],
  ['ChaincodeExists', 'lscc/ChaincodeExists'],
  ['getdepspec', 'lscc/GetDeploymentSpec'],
  ['GetDeploymentSpec', 'lscc/GetDeploymentSpec'],
  ['getccdata', 'lscc/GetChaincodeData'],
  ['GetChaincodeData', 'lscc/GetChaincodeData'],
]);

/** Installs, instantiates, upgrades and lists chaincode (core/scc/lscc; contract 7). */
export class Lscc implements SystemChaincode {
  readonly name = 'lscc';
  readonly invokableExternal = true;
  readonly invokableCC2CC = true;
  readonly #options: LsccOptions;

  constructor(options: LsccOptions) {
    this.#options = options;
  }

  async init(): Promise<peer.Response> {
    return success('');
  }

  invoke(stub: SystemChaincodeStub): Promise<peer.Response> {
    return answer(() => this.#dispatch(stub));
  }

  async #dispatch(stub: SystemChaincodeStub): Promise<Uint8Array | string> {
    const { args } = stub;
    if (args.length < 1) throw wrongNumber(args);
    const name = textArg(args, 0);
    const signedProposal = proposalOf(stub, name);
    switch (name) {
      case 'install':
        return this.#install(args, signedProposal);
      case 'deploy':
        return deploy(this.#options, stub, deployArguments(this.#options, args));
      case 'upgrade':
        return upgrade(this.#options, stub, deployArguments(this.#options, args));
      case 'getchaincodes':
      case 'GetChaincodes':
        return this.#listInstantiated(stub, name, signedProposal);
      case 'getinstalledchaincodes':
      case 'GetInstalledChaincodes':
        return this.#listInstalled(args, name, signedProposal);
      case 'GetCollectionsConfig':
      case 'getcollectionsconfig':
        return this.#collections(stub, name, signedProposal);
    }
    const resource = instanceQueries.get(name);
    if (resource === undefined) throw new LauncherError(`invalid function to lscc: ${name}`);
    return this.#aboutInstance(stub, name, resource, signedProposal);
  }

  async #install(args: readonly Uint8Array[], signedProposal: peer.SignedProposal): Promise<string> {
    if (args.length < 2) throw wrongNumber(args);
    await denied('[install]', () => this.#options.localPolicies.check('Admins', signedProposal));
    await install(this.#options, bytesArg(args, 1));
    return 'OK';
  }

  /** As in Fabric the channel that is named is asked for access, the channel of the proposal is read. */
  async #aboutInstance(
    stub: SystemChaincodeStub,
    name: string,
    resource: string,
    signedProposal: peer.SignedProposal,
  ): Promise<Uint8Array | string> {
    const { args } = stub;
    if (args.length !== 3) throw wrongNumber(args);
    const channelId = textArg(args, 1);
    const chaincode = textArg(args, 2);
    await denied(`[${name}][${channelId}]`, () =>
      this.#options.acl.checkAcl(resource, channelId, signedProposal),
    );
    const value = await instanceBytes(stub, chaincode);
    switch (resource) {
      case 'lscc/ChaincodeExists':
        return definitionOf(chaincode, value).name;
      case 'lscc/GetDeploymentSpec':
        return (await installedCode(this.#options.packages, definitionOf(chaincode, value))).depSpecBytes;
      default:
        return value;
    }
  }

  async #listInstantiated(
    stub: SystemChaincodeStub,
    name: string,
    signedProposal: peer.SignedProposal,
  ): Promise<Uint8Array> {
    if (stub.args.length !== 1) throw wrongNumber(stub.args);
    await denied(`[${name}][${stub.channelId}]`, () =>
      this.#options.acl.checkAcl('lscc/GetInstantiatedChaincodes', stub.channelId, signedProposal),
    );
    return instantiatedChaincodes(this.#options.packages, stub);
  }

  async #listInstalled(
    args: readonly Uint8Array[],
    name: string,
    signedProposal: peer.SignedProposal,
  ): Promise<Uint8Array> {
    if (args.length !== 1) throw wrongNumber(args);
    await denied(`[${name}]`, () => this.#options.localPolicies.check('Admins', signedProposal));
    return installedChaincodes(this.#options.packages);
  }

  async #collections(
    stub: SystemChaincodeStub,
    name: string,
    signedProposal: peer.SignedProposal,
  ): Promise<Uint8Array> {
    if (stub.args.length !== 2) throw wrongNumber(stub.args);
    await denied(`[${name}]`, () =>
      this.#options.acl.checkAcl('lscc/GetCollectionsConfig', stub.channelId, signedProposal),
    );
    return collectionsOf(stub, textArg(stub.args, 1));
  }
}

function proposalOf(stub: SystemChaincodeStub, name: string): peer.SignedProposal {
  if (stub.signedProposal) return stub.signedProposal;
  throw new LauncherError(
    `Failed retrieving signed proposal on executing ${name} with error no signed proposal in the transaction`,
  );
}

async function denied(what: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    throw new LauncherError(`access denied for ${what}: ${messageOf(error)}`, { cause: error });
  }
}
