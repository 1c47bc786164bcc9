import { join } from 'node:path';

/** What an organisation of a development network consists of. */
export interface OrganisationPlan {
  readonly kind: 'peer' | 'orderer';
  readonly mspId: string;
  readonly domain: string;
  /** Host parts of its peers or orderers: `peer0` becomes `peer0.‹domain›`. */
  readonly nodes: readonly string[];
  /** Users beside Admin: `User1` becomes `User1@‹domain›`. */
  readonly users: readonly string[];
}

/** Where a peer's or an orderer's material lies. */
export interface DevNode {
  /** Host name, for example peer0.org1.example.com. */
  readonly name: string;
  readonly mspDir: string;
  readonly tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

/** Where a user's material lies. */
export interface DevUser {
  /** For example Admin@org1.example.com. */
  readonly name: string;
  readonly mspDir: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

/** One organisation's folders, laid out as cryptogen lays them out. */
export interface DevOrganisation {
  readonly mspId: string;
  readonly domain: string;
  readonly dir: string;
  /** The organisation's MSP without any identity: what goes into a channel's configuration. */
  readonly mspDir: string;
  readonly caFile: string;
  readonly tlsCaFile: string;
  readonly nodes: readonly DevNode[];
  readonly admin: DevUser;
  readonly users: readonly DevUser[];
}

/** File name of every private key in a keystore folder. */
export const keyFileName = 'priv_sk';

/** Names every folder and file of an organisation below `root`; nothing is read. */
export function layOut(root: string, plan: OrganisationPlan): DevOrganisation {
  const dir = join(root, plan.kind === 'peer' ? 'peerOrganizations' : 'ordererOrganizations', plan.domain);
  const user = (name: string): DevUser => userAt(dir, `${name}@${plan.domain}`);
  return {
    mspId: plan.mspId,
    domain: plan.domain,
    dir,
    mspDir: join(dir, 'msp'),
    caFile: join(dir, 'ca', `ca.${plan.domain}-cert.pem`),
    tlsCaFile: join(dir, 'tlsca', `tlsca.${plan.domain}-cert.pem`),
    nodes: plan.nodes.map((host) =>
      nodeAt(join(dir, plan.kind === 'peer' ? 'peers' : 'orderers'), `${host}.${plan.domain}`),
    ),
    admin: user('Admin'),
    users: plan.users.map(user),
  };
}

function nodeAt(parent: string, name: string): DevNode {
  const tlsDir = join(parent, name, 'tls');
  return {
    name,
    mspDir: join(parent, name, 'msp'),
    tls: {
      caFile: join(tlsDir, 'ca.crt'),
      certFile: join(tlsDir, 'server.crt'),
      keyFile: join(tlsDir, 'server.key'),
    },
  };
}

function userAt(organisationDir: string, name: string): DevUser {
  const dir = join(organisationDir, 'users', name);
  return {
    name,
    mspDir: join(dir, 'msp'),
    certFile: join(dir, 'msp', 'signcerts', `${name}-cert.pem`),
    keyFile: join(dir, 'msp', 'keystore', keyFileName),
    tls: {
      caFile: join(dir, 'tls', 'ca.crt'),
      certFile: join(dir, 'tls', 'client.crt'),
      keyFile: join(dir, 'tls', 'client.key'),
    },
  };
}
