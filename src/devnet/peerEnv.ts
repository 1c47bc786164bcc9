import { LauncherError } from '../errors.js';
import type { DevNode, DevOrganisation, DevUser } from './layout.js';
import type { DevNetwork } from './network.js';

export interface PeerEnvOptions {
  readonly network: DevNetwork;
  readonly organisation: DevOrganisation;
  /** Whose identity the commands use. @default the organisation's Admin */
  readonly user?: DevUser;
  /** @default the organisation's first */
  readonly peer?: DevNode;
  /** host:port of the peer. */
  readonly peerAddress: string;
  /** host:port of the orderer; when given ORDERER_ADDRESS and ORDERER_CA come too. */
  readonly ordererAddress?: string;
  /** @default true */
  readonly tls?: boolean;
  /** With client certificates. @default false */
  readonly clientAuth?: boolean;
}

/** The environment of the `peer` CLI for one organisation's user, name → value. */
export function peerEnvironment(options: PeerEnvOptions): ReadonlyMap<string, string> {
  const user = options.user ?? options.organisation.admin;
  const node = options.peer ?? options.organisation.nodes[0];
  const orderer = options.network.ordererOrg.nodes[0];
  if (!node || !orderer) throw new LauncherError(`organisation ${options.organisation.mspId} has no peer`);
  const tls = options.tls ?? true;
  const env = new Map([
    ['CORE_PEER_LOCALMSPID', options.organisation.mspId],
    ['CORE_PEER_MSPCONFIGPATH', user.mspDir],
    ['CORE_PEER_ADDRESS', options.peerAddress],
    ['CORE_PEER_TLS_ENABLED', String(tls)],
  ]);
  if (tls) {
    env.set('CORE_PEER_TLS_ROOTCERT_FILE', node.tls.caFile);
    env.set('CORE_PEER_TLS_SERVERHOSTOVERRIDE', node.name);
  }
  if (tls && options.clientAuth) {
    env.set('CORE_PEER_TLS_CLIENTAUTHREQUIRED', 'true');
    env.set('CORE_PEER_TLS_CLIENTCERT_FILE', user.tls.certFile);
    env.set('CORE_PEER_TLS_CLIENTKEY_FILE', user.tls.keyFile);
  }
  if (options.ordererAddress !== undefined) {
    env.set('ORDERER_ADDRESS', options.ordererAddress);
    if (tls) env.set('ORDERER_CA', orderer.tls.caFile);
  }
  return env;
}

/** The same as lines that a shell reads: `export CORE_PEER_ADDRESS='127.0.0.1:7051'`. */
export function peerEnvText(options: PeerEnvOptions): string {
  return [...peerEnvironment(options)].map(([name, value]) => `export ${name}=${quote(value)}\n`).join('');
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
