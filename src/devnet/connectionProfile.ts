import { readFile } from 'node:fs/promises';
import type { DevNetwork } from './network.js';
import type { DevOrganisation } from './layout.js';

/** Where the nodes of a network listen: node name (peer0.org1.example.com) → host:port. */
export type Addresses = ReadonlyMap<string, string>;

export interface ProfileOptions {
  readonly network: DevNetwork;
  /** The organisation whose client the profile is for. */
  readonly organisation: DevOrganisation;
  readonly addresses: Addresses;
  /** @default true */
  readonly tls?: boolean;
}

interface EndpointProfile {
  readonly url: string;
  readonly grpcOptions: Readonly<Record<string, string>>;
  readonly tlsCACerts?: { readonly pem: string };
}

/** A connection profile as fabric-network reads it. */
export interface ConnectionProfile {
  readonly name: string;
  readonly version: string;
  readonly client: {
    readonly organization: string;
    readonly connection: {
      readonly timeout: { readonly peer: { readonly endorser: string }; readonly orderer: string };
    };
  };
  readonly organizations: Readonly<
    Record<string, { readonly mspid: string; readonly peers: readonly string[] }>
  >;
  readonly peers: Readonly<Record<string, EndpointProfile>>;
  readonly orderers: Readonly<Record<string, EndpointProfile>>;
  readonly channels: Readonly<
    Record<string, { readonly orderers: readonly string[]; readonly peers: Readonly<Record<string, object>> }>
  >;
}

/** The connection profile (fabric-network 2.2, JSON, PEMs embedded) of one organisation's clients. */
export async function connectionProfile(options: ProfileOptions): Promise<ConnectionProfile> {
  const { network, organisation } = options;
  const peers: Record<string, EndpointProfile> = {};
  const organizations: Record<string, { mspid: string; peers: string[] }> = {};
  for (const org of network.peerOrgs) {
    const reachable = org.nodes.filter((node) => options.addresses.has(node.name));
    organizations[nameOf(org)] = { mspid: org.mspId, peers: reachable.map((node) => node.name) };
    for (const node of reachable) peers[node.name] = await endpoint(options, node.name, org.tlsCaFile);
  }
  const orderers: Record<string, EndpointProfile> = {};
  for (const node of network.ordererOrg.nodes) {
    if (!options.addresses.has(node.name)) continue;
    orderers[node.name] = await endpoint(options, node.name, network.ordererOrg.tlsCaFile);
  }
  const roles = { endorsingPeer: true, chaincodeQuery: true, ledgerQuery: true, eventSource: true };
  return {
    name: `${network.channelId}-${organisation.domain}`,
    version: '1.0.0',
    client: {
      organization: nameOf(organisation),
      connection: { timeout: { peer: { endorser: '300' }, orderer: '300' } },
    },
    organizations,
    peers,
    orderers,
    channels: {
      [network.channelId]: {
        orderers: Object.keys(orderers),
        peers: Object.fromEntries(Object.keys(peers).map((name) => [name, roles])),
      },
    },
  };
}

/** Org1 for Org1MSP: the name that SDK samples use. */
function nameOf(organisation: DevOrganisation): string {
  return organisation.mspId.replace(/MSP$/, '') || organisation.mspId;
}

async function endpoint(options: ProfileOptions, name: string, tlsCaFile: string): Promise<EndpointProfile> {
  const address = options.addresses.get(name) ?? '';
  // The certificate names the node; the address is mostly 127.0.0.1 on some port.
  const grpcOptions = { 'ssl-target-name-override': name, hostnameOverride: name };
  if (options.tls === false) return { url: `grpc://${address}`, grpcOptions };
  return {
    url: `grpcs://${address}`,
    grpcOptions,
    tlsCACerts: { pem: await readFile(tlsCaFile, 'utf8') },
  };
}
