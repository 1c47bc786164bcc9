import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DevCa, type KeyAndCertificate } from './certificates.js';
import { keyFileName, layOut, type DevOrganisation, type OrganisationPlan } from './layout.js';

/** The two authorities of an organisation while its material is made. */
interface Authorities {
  readonly ca: DevCa;
  readonly tlsCa: DevCa;
}

/**
 * Makes an organisation's CAs, nodes and users and writes them in cryptogen's layout: keys 0600, folders 0700.
 * @param hosts DNS names and addresses that every node's TLS certificate holds beside its own name
 */
export async function createOrganisation(
  root: string,
  plan: OrganisationPlan,
  hosts: readonly string[],
): Promise<DevOrganisation> {
  const organisation = layOut(root, plan);
  const authorities = {
    ca: await DevCa.create('ca', plan.domain),
    tlsCa: await DevCa.create('tlsca', plan.domain),
  };
  await writeAuthority(organisation.caFile, authorities.ca);
  await writeAuthority(organisation.tlsCaFile, authorities.tlsCa);
  await writeMsp(organisation.mspDir, authorities);
  for (const node of organisation.nodes) {
    const identity = await authorities.ca.issueIdentity(node.name, plan.kind);
    await writeMsp(node.mspDir, authorities, { name: node.name, identity });
    const short = node.name.slice(0, node.name.indexOf('.'));
    const tls = await authorities.tlsCa.issueTls(node.name, [...new Set([node.name, short, ...hosts])]);
    await writeTls(node.tls, authorities, tls);
  }
  for (const user of [organisation.admin, ...organisation.users]) {
    const ou = user === organisation.admin ? 'admin' : 'client';
    const identity = await authorities.ca.issueIdentity(user.name, ou);
    await writeMsp(user.mspDir, authorities, { name: user.name, identity });
    await writeTls(user.tls, authorities, await authorities.tlsCa.issueTls(user.name, []));
  }
  return organisation;
}

async function writeAuthority(certFile: string, authority: KeyAndCertificate): Promise<void> {
  await write(certFile, authority.certPem);
  await write(join(dirname(certFile), keyFileName), authority.keyPem);
}

async function writeMsp(
  dir: string,
  { ca, tlsCa }: Authorities,
  holder?: { name: string; identity: KeyAndCertificate },
): Promise<void> {
  const caFile = `cacerts/${ca.commonName}-cert.pem`;
  await write(join(dir, caFile), ca.certPem);
  await write(join(dir, 'tlscacerts', `${tlsCa.commonName}-cert.pem`), tlsCa.certPem);
  await write(join(dir, 'config.yaml'), nodeOus(caFile));
  // Fabric's own tools want the folder although admins are told by their OU.
  await mkdir(join(dir, 'admincerts'), { recursive: true, mode: 0o700 });
  if (!holder) return;
  await write(join(dir, 'signcerts', `${holder.name}-cert.pem`), holder.identity.certPem);
  await write(join(dir, 'keystore', keyFileName), holder.identity.keyPem);
}

async function writeTls(
  files: { caFile: string; certFile: string; keyFile: string },
  { tlsCa }: Authorities,
  made: KeyAndCertificate,
): Promise<void> {
  await write(files.caFile, tlsCa.certPem);
  await write(files.certFile, made.certPem);
  await write(files.keyFile, made.keyPem);
}

/** Every file of the network is its owner's alone: one rule is easier to keep than two. */
async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o600 });
}

function nodeOus(caFile: string): string {
  const unit = (name: string, ou: string): string =>
    `  ${name}:\n    Certificate: ${caFile}\n    OrganizationalUnitIdentifier: ${ou}\n`;
  return (
    'NodeOUs:\n  Enable: true\n' +
    unit('ClientOUIdentifier', 'client') +
    unit('PeerOUIdentifier', 'peer') +
    unit('AdminOUIdentifier', 'admin') +
    unit('OrdererOUIdentifier', 'orderer')
  );
}
