import type { peer } from '../protos/index.js';

/** An installed package in either of Fabric's two formats (contract 6). */
export interface CCPackage {
  readonly format: 'cds' | 'signed';
  /** Exactly the bytes that were installed. */
  readonly bytes: Uint8Array;
  readonly spec: peer.ChaincodeDeploymentSpec;
  /** The marshalled ChaincodeDeploymentSpec as it was received (lscc getdepspec answers it). */
  readonly depSpecBytes: Uint8Array;
  readonly name: string;
  readonly version: string;
  readonly path: string;
  /** CDSData or SignedCDSData bytes, as they go into ChaincodeData.data. */
  readonly dataBytes: Uint8Array;
  /** SHA-256 id as `list --installed` prints it. */
  readonly id: Uint8Array;
  /** Marshalled SignaturePolicyEnvelope of a signed package. */
  readonly instantiationPolicy?: Uint8Array;
}

/** The packages installed on this peer: files `‹name›.‹version›` with the raw bytes. */
export interface PackageStore {
  /** Throws `error installing chaincode code ‹n›:‹v›(chaincode ‹path› exists)`. */
  put(ccPackage: CCPackage): Promise<void>;
  /** Rejects when the file is absent or unreadable; the text names the path as Fabric does. */
  get(name: string, version: string): Promise<CCPackage>;
  /** In the byte order of the file names; files whose content has another name or version are left out. */
  list(): Promise<CCPackage[]>;
  /** The file's path, for error texts. */
  pathOf(name: string, version: string): string;
}
