import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { LauncherError, messageOf } from '../errors.js';
import { msp } from '../protos/index.js';
import { parsePem } from './certificates.js';
import { signLowS } from './lowS.js';
import { Msp } from './msp.js';
import { serializeIdentity } from './serializedIdentity.js';
import type { SigningIdentity } from './types.js';

/** Reads an MSP directory with its signing identity (signcerts, keystore). */
export async function loadLocalMsp(
  dir: string,
  mspId: string,
): Promise<{ msp: Msp; signer: SigningIdentity }> {
  const config = await mspConfigFromDirectory(dir, mspId);
  const [certificate] = await readFolder(dir, 'signcerts');
  if (!certificate) throw new LauncherError(`no certificate in ${join(dir, 'signcerts')}`);
  const key = await findKey(dir, certificate);
  return { msp: Msp.fromConfig(config), signer: new LocalSigner(mspId, certificate, key) };
}

/** Marshalled MSPConfig of an MSP directory, without keys: what a channel's configuration holds. */
export async function mspConfigFromDirectory(dir: string, mspId: string): Promise<Uint8Array> {
  const config = new msp.FabricMSPConfig();
  config.setName(mspId);
  const roots = await readFolder(dir, 'cacerts');
  if (roots.length === 0)
    throw new LauncherError(`could not load a valid CA certificate from ${join(dir, 'cacerts')}`);
  config.setRootCertsList(roots);
  config.setIntermediateCertsList(await readFolder(dir, 'intermediatecerts'));
  config.setAdminsList(await readFolder(dir, 'admincerts'));
  config.setRevocationListList(await readFolder(dir, 'crls'));
  config.setTlsRootCertsList(await readFolder(dir, 'tlscacerts'));
  config.setTlsIntermediateCertsList(await readFolder(dir, 'tlsintermediatecerts'));
  const crypto = new msp.FabricCryptoConfig();
  crypto.setSignatureHashFamily('SHA2');
  crypto.setIdentityIdentifierHashFunction('SHA256');
  config.setCryptoConfig(crypto);
  await addUnits(config, dir);
  const outer = new msp.MSPConfig();
  outer.setType(0);
  outer.setConfig(config.serializeBinary());
  return outer.serializeBinary();
}

/** The files of one folder in name order; a missing folder is an empty one. */
async function readFolder(dir: string, folder: string): Promise<Buffer[]> {
  const path = join(dir, folder);
  try {
    const names = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile());
    const sorted = names.map((entry) => entry.name).sort();
    return await Promise.all(sorted.map((name) => readFile(join(path, name))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new LauncherError(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** The private key in keystore that belongs to the certificate. */
async function findKey(dir: string, certificatePem: Buffer): Promise<KeyObject> {
  const wanted = parsePem(certificatePem).publicKey;
  for (const file of await readFolder(dir, 'keystore')) {
    const key = readKey(file);
    if (key && createPublicKey(key).equals(wanted)) return key;
  }
  throw new LauncherError(`no private key in ${join(dir, 'keystore')} fits the certificate in signcerts`);
}

function readKey(file: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(file);
  } catch {
    // keystore may hold other files; what is missing is reported by the caller.
    return undefined;
  }
}

interface OuYaml {
  Certificate?: string;
  OrganizationalUnitIdentifier?: string;
}

interface ConfigYaml {
  OrganizationalUnitIdentifiers?: OuYaml[];
  NodeOUs?: {
    Enable?: boolean;
    ClientOUIdentifier?: OuYaml;
    PeerOUIdentifier?: OuYaml;
    AdminOUIdentifier?: OuYaml;
    OrdererOUIdentifier?: OuYaml;
  };
}

async function addUnits(config: msp.FabricMSPConfig, dir: string): Promise<void> {
  const yaml = await readConfigYaml(join(dir, 'config.yaml'));
  const units = (yaml.OrganizationalUnitIdentifiers ?? []).map((unit) => toIdentifier(dir, unit));
  config.setOrganizationalUnitIdentifiersList(await Promise.all(units));
  if (!yaml.NodeOUs?.Enable) return;
  const nodeOus = new msp.FabricNodeOUs();
  nodeOus.setEnable(true);
  const { ClientOUIdentifier, PeerOUIdentifier, AdminOUIdentifier, OrdererOUIdentifier } = yaml.NodeOUs;
  if (ClientOUIdentifier) nodeOus.setClientOuIdentifier(await toIdentifier(dir, ClientOUIdentifier));
  if (PeerOUIdentifier) nodeOus.setPeerOuIdentifier(await toIdentifier(dir, PeerOUIdentifier));
  if (AdminOUIdentifier) nodeOus.setAdminOuIdentifier(await toIdentifier(dir, AdminOUIdentifier));
  if (OrdererOUIdentifier) nodeOus.setOrdererOuIdentifier(await toIdentifier(dir, OrdererOUIdentifier));
  config.setFabricNodeOus(nodeOus);
}

async function readConfigYaml(path: string): Promise<ConfigYaml> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return (parse(text) ?? {}) as ConfigYaml;
  } catch (error) {
    throw new LauncherError(`${path} is not valid YAML: ${messageOf(error)}`, { cause: error });
  }
}

async function toIdentifier(dir: string, unit: OuYaml): Promise<msp.FabricOUIdentifier> {
  const identifier = new msp.FabricOUIdentifier();
  identifier.setOrganizationalUnitIdentifier(unit.OrganizationalUnitIdentifier ?? '');
  if (unit.Certificate) identifier.setCertificate(await readFile(join(dir, unit.Certificate)));
  return identifier;
}

class LocalSigner implements SigningIdentity {
  readonly mspId: string;
  readonly serialized: Uint8Array;
  readonly #key: KeyObject;

  constructor(mspId: string, certificatePem: Buffer, key: KeyObject) {
    this.mspId = mspId;
    this.serialized = serializeIdentity(mspId, certificatePem);
    this.#key = key;
  }

  sign(message: Uint8Array): Promise<Uint8Array> {
    return signLowS(this.#key, message);
  }
}
