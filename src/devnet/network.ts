import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { LauncherError, messageOf } from '../errors.js';
import { mspConfigFromDirectory } from '../msp/localMsp.js';
import { common, decode } from '../protos/index.js';
import { createOrganisation } from './crypto.js';
import { genesisBlock, type BatchSettings } from './genesis.js';
import { layOut, type DevOrganisation, type OrganisationPlan } from './layout.js';

/** A peers' organisation of a development network; what is left out is named after it. */
export interface PeerOrganisationOptions {
  /** @default `‹Name›MSP` of the domain's first label: org1.example.com → Org1MSP */
  readonly mspId?: string;
  readonly domain: string;
  /** @default ['peer0'] */
  readonly peers?: readonly string[];
  /** Users beside Admin. @default ['User1'] */
  readonly users?: readonly string[];
}

export interface DevNetworkOptions {
  /** Folder of all material; made when missing. */
  readonly dir: string;
  /** @default [{domain: 'org1.example.com'}] */
  readonly orgs?: readonly PeerOrganisationOptions[];
  /** @default mychannel */
  readonly channelId?: string;
  /** Names and addresses that TLS certificates hold beside localhost, 127.0.0.1 and this machine's name. */
  readonly hosts?: readonly string[];
  /** host:port of the orderer, as the channel's configuration tells it. @default ['127.0.0.1:7050'] */
  readonly ordererAddresses?: readonly string[];
  readonly batch?: Partial<BatchSettings>;
  readonly acls?: ReadonlyMap<string, string>;
}

/** A network's material on disk. */
export interface DevNetwork {
  readonly dir: string;
  readonly channelId: string;
  readonly genesisFile: string;
  readonly genesisBlock: common.Block;
  readonly peerOrgs: readonly DevOrganisation[];
  readonly ordererOrg: DevOrganisation;
  /** True when this call made it, false when it was there. */
  readonly created: boolean;
}

/** What was made: written last, so that its presence means that all the rest is whole. */
interface Description {
  readonly version: 1;
  readonly channelId: string;
  readonly orgs: readonly OrganisationPlan[];
  readonly ordererOrg: OrganisationPlan;
}

const descriptionFile = 'network.json';
const unfinishedFile = '.unfinished';
const madeFolders = ['peerOrganizations', 'ordererOrganizations', 'channels'];

/**
 * Makes a network's keys, certificates and genesis block, or loads those that are there. A first run that was cut off is
 * removed and made anew; folders that somebody else put there are not touched.
 * @throws LauncherError when the folder holds another network than the one asked for
 */
export async function createDevNetwork(given: DevNetworkOptions): Promise<DevNetwork> {
  // Paths go out to other programs, which run elsewhere.
  const options = { ...given, dir: resolve(given.dir) };
  const wanted = describe(options);
  const found = await readDescription(options.dir);
  if (found) {
    requireSame(options.dir, found, wanted);
    return open(options.dir, found, false);
  }
  await clearUnfinished(options.dir);
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  await writeFile(join(options.dir, unfinishedFile), '', { mode: 0o600 });
  await make(options, wanted);
  const temporary = join(options.dir, `${descriptionFile}.tmp`);
  await writeFile(temporary, `${JSON.stringify(wanted, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, join(options.dir, descriptionFile));
  await rm(join(options.dir, unfinishedFile), { force: true });
  return open(options.dir, wanted, true);
}

function describe(options: DevNetworkOptions): Description {
  const orgs = options.orgs ?? [{ domain: 'org1.example.com' }];
  return {
    version: 1,
    channelId: options.channelId ?? 'mychannel',
    orgs: orgs.map((org) => ({
      kind: 'peer',
      mspId: org.mspId ?? mspIdOf(org.domain),
      domain: org.domain,
      nodes: org.peers ?? ['peer0'],
      users: org.users ?? ['User1'],
    })),
    ordererOrg: {
      kind: 'orderer',
      mspId: 'OrdererMSP',
      domain: 'example.com',
      nodes: ['orderer'],
      users: [],
    },
  };
}

function mspIdOf(domain: string): string {
  const label = domain.split('.')[0] ?? domain;
  return `${label.charAt(0).toUpperCase()}${label.slice(1)}MSP`;
}

async function readDescription(dir: string): Promise<Description | undefined> {
  const path = join(dir, descriptionFile);
  if (!(await exists(path))) return undefined;
  try {
    const read = JSON.parse(await readFile(path, 'utf8')) as Description;
    if ((read.version as number) !== 1) throw new LauncherError(`unknown version ${String(read.version)}`);
    return read;
  } catch (error) {
    throw new LauncherError(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function requireSame(dir: string, found: Description, wanted: Description): void {
  if (JSON.stringify(found) === JSON.stringify(wanted)) return;
  const text = ({ channelId, orgs }: Description): string =>
    `channel ${channelId} of ${orgs.map((org) => `${org.mspId} (${org.nodes.join(', ')})`).join(', ')}`;
  throw new LauncherError(
    `${dir} holds another network: ${text(found)}, asked for: ${text(wanted)}; choose another folder or remove this one`,
  );
}

async function clearUnfinished(dir: string): Promise<void> {
  const unfinished = await exists(join(dir, unfinishedFile));
  for (const folder of madeFolders) {
    const path = join(dir, folder);
    if (!(await exists(path))) continue;
    if (!unfinished) {
      throw new LauncherError(`${path} is there but not made by this program; choose another folder`);
    }
    await rm(path, { recursive: true });
  }
}

async function make(options: DevNetworkOptions, plan: Description): Promise<void> {
  const hosts = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...(options.hosts ?? [])])];
  const orgs: DevOrganisation[] = [];
  for (const one of plan.orgs) orgs.push(await createOrganisation(options.dir, one, hosts));
  const ordererOrg = await createOrganisation(options.dir, plan.ordererOrg, hosts);
  const block = genesisBlock({
    channelId: plan.channelId,
    applicationOrgs: await Promise.all(orgs.map((org) => genesisOrganisation(org, org.mspId))),
    ordererOrg: await genesisOrganisation(ordererOrg, 'OrdererOrg'),
    ordererAddresses: options.ordererAddresses ?? ['127.0.0.1:7050'],
    ...(options.batch ? { batch: options.batch } : {}),
    ...(options.acls ? { acls: options.acls } : {}),
  });
  await mkdir(join(options.dir, 'channels'), { recursive: true, mode: 0o700 });
  await writeFile(genesisFileOf(options.dir, plan.channelId), block.serializeBinary(), { mode: 0o600 });
}

async function genesisOrganisation(
  org: DevOrganisation,
  groupName: string,
): Promise<{ mspId: string; groupName: string; mspConfig: Uint8Array }> {
  return { mspId: org.mspId, groupName, mspConfig: await mspConfigFromDirectory(org.mspDir, org.mspId) };
}

async function open(dir: string, found: Description, created: boolean): Promise<DevNetwork> {
  const genesisFile = genesisFileOf(dir, found.channelId);
  return {
    dir,
    channelId: found.channelId,
    genesisFile,
    genesisBlock: decode(common.Block, await readFile(genesisFile), 'Block'),
    peerOrgs: found.orgs.map((plan) => layOut(dir, plan)),
    ordererOrg: layOut(dir, found.ordererOrg),
    created,
  };
}

function genesisFileOf(dir: string, channelId: string): string {
  return join(dir, 'channels', `${channelId}.block`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
