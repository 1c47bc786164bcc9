import type { X509Certificate } from 'node:crypto';
import { decode, msp } from '../protos/index.js';
import { LauncherError } from '../errors.js';
import { parsePem, RevocationList } from './certificates.js';

/** An organisational unit and, where the configuration names one, the CA that must have certified it. */
export interface OuIdentifier {
  readonly unit: string;
  readonly certifier?: X509Certificate;
}

/** The roles that NodeOUs tell apart. */
export type NodeRole = 'CLIENT' | 'PEER' | 'ADMIN' | 'ORDERER';

/** Which rules an MSP follows: the channel's capabilities choose (common/channelconfig: MSPVersion). */
export type MspVersion = 'v1.0' | 'v1.1' | 'v1.3' | 'v1.4.3';

/** FabricMSPConfig, parsed once. */
export interface MspSettings {
  readonly mspId: string;
  readonly version: MspVersion;
  readonly rootCas: readonly X509Certificate[];
  readonly intermediateCas: readonly X509Certificate[];
  readonly admins: readonly X509Certificate[];
  readonly revocationLists: readonly RevocationList[];
  readonly ouIdentifiers: readonly OuIdentifier[];
  /** undefined when NodeOUs are off. */
  readonly nodeOus: ReadonlyMap<NodeRole, OuIdentifier> | undefined;
}

/** Reads marshalled MSPConfig (type 0, Fabric's X.509 MSP). */
export function settingsFromMspConfig(mspConfig: Uint8Array, version: MspVersion): MspSettings {
  const outer = decode(msp.MSPConfig, mspConfig, 'MSPConfig');
  if (outer.getType() !== 0) throw new LauncherError(`unknown MSP type: ${outer.getType()}`);
  const config = decode(msp.FabricMSPConfig, outer.getConfig_asU8(), 'FabricMSPConfig');
  if (config.getName() === '') throw new LauncherError('MSP configuration without a name');
  const rootCas = config.getRootCertsList_asU8().map(parsePem);
  if (rootCas.length === 0) throw new LauncherError('expected at least one CA certificate');
  return {
    mspId: config.getName(),
    version,
    rootCas,
    intermediateCas: config.getIntermediateCertsList_asU8().map(parsePem),
    admins: config.getAdminsList_asU8().map(parsePem),
    revocationLists: config.getRevocationListList_asU8().map((bytes) => new RevocationList(bytes)),
    ouIdentifiers: config.getOrganizationalUnitIdentifiersList().map(ouIdentifier),
    nodeOus: nodeOusOf(config, version),
  };
}

function nodeOusOf(config: msp.FabricMSPConfig, version: MspVersion): MspSettings['nodeOus'] {
  const nodeOus = config.getFabricNodeOus();
  if (!nodeOus?.getEnable() || version === 'v1.0') return undefined;
  const roles: [NodeRole, msp.FabricOUIdentifier | undefined][] = [
    ['CLIENT', nodeOus.getClientOuIdentifier()],
    ['PEER', nodeOus.getPeerOuIdentifier()],
    ['ADMIN', nodeOus.getAdminOuIdentifier()],
    ['ORDERER', nodeOus.getOrdererOuIdentifier()],
  ];
  const found = new Map<NodeRole, OuIdentifier>();
  for (const [role, identifier] of roles) {
    // Admins and orderers are told apart by their unit since v1.4.3 only.
    if (version !== 'v1.4.3' && (role === 'ADMIN' || role === 'ORDERER')) continue;
    if (identifier && identifier.getOrganizationalUnitIdentifier() !== '')
      found.set(role, ouIdentifier(identifier));
  }
  return found;
}

function ouIdentifier(identifier: msp.FabricOUIdentifier): OuIdentifier {
  const certificate = identifier.getCertificate_asU8();
  const unit = identifier.getOrganizationalUnitIdentifier();
  return certificate.length > 0 ? { unit, certifier: parsePem(certificate) } : { unit };
}
