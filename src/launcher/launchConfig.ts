import type { CompiledConfig } from '../config/compile.js';
import { LauncherError } from '../errors.js';
import type { ChaincodeType, VMFile } from './types.js';

/** Log settings that a chaincode gets (contract 5.2). */
export type ChaincodeLogging = CompiledConfig['chaincode']['logging'];

/** Client certificate and key of one launch, and the CA that its peer's certificate comes from; all PEM. */
export interface LaunchTls {
  readonly keyPem: string;
  readonly certPem: string;
  readonly caPem: string;
}

/** Command line, environment and files of one chaincode (contract 5.1–5.3). */
export interface LaunchConfig {
  readonly args: readonly string[];
  /** In the order in which Fabric passes them. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly VMFile[];
}

const tlsDirectory = '/etc/hyperledger/fabric';
const keyPath = `${tlsDirectory}/client.key`;
const certPath = `${tlsDirectory}/client.crt`;
const rootPath = `${tlsDirectory}/peer.crt`;
const keyFilePath = `${tlsDirectory}/client_pem.key`;
const certFilePath = `${tlsDirectory}/client_pem.crt`;

/** Contract 5.1: the command line of each platform. */
const commandLines: Readonly<Record<ChaincodeType, (endpoint: string) => string[]>> = {
  GOLANG: (endpoint) => ['chaincode', `-peer.address=${endpoint}`],
  CAR: (endpoint) => ['chaincode', `-peer.address=${endpoint}`],
  JAVA: (endpoint) => ['/root/chaincode-java/start', '--peerAddress', endpoint],
  NODE: (endpoint) => ['/bin/sh', '-c', `cd /usr/local/src; npm start -- --peer.address ${endpoint}`],
};

/** Throws `unknown chaincodeType: ‹t›`. */
export function launchArgs(type: ChaincodeType, endpoint: string): string[] {
  // The type may come from a message, so the table may lack it whatever the compiler says.
  const commandLine = commandLines[type] as ((endpoint: string) => string[]) | undefined;
  if (!commandLine) throw new LauncherError(`unknown chaincodeType: ${type}`);
  return commandLine(endpoint);
}

/** The environment in Fabric's order; the variables that 2.x shims read come after those of 1.4. */
export function launchEnv(
  cname: string,
  logging: ChaincodeLogging,
  tls: boolean,
  localMspId?: string,
): Record<string, string> {
  return {
    CORE_CHAINCODE_LOGGING_LEVEL: logging.level,
    CORE_CHAINCODE_LOGGING_SHIM: logging.shim,
    CORE_CHAINCODE_LOGGING_FORMAT: logging.format,
    CORE_CHAINCODE_ID_NAME: cname,
    CORE_PEER_TLS_ENABLED: tls ? 'true' : 'false',
    ...(tls && {
      CORE_TLS_CLIENT_KEY_PATH: keyPath,
      CORE_TLS_CLIENT_CERT_PATH: certPath,
      CORE_PEER_TLS_ROOTCERT_FILE: rootPath,
      CORE_TLS_CLIENT_KEY_FILE: keyFilePath,
      CORE_TLS_CLIENT_CERT_FILE: certFilePath,
    }),
    ...(localMspId !== undefined && { CORE_PEER_LOCALMSPID: localMspId }),
  };
}

/** Contract 5.3: the _PATH files hold the base64 of the PEM text, the root file and the _FILE files plain PEM. */
export function tlsFiles(tls: LaunchTls): VMFile[] {
  const base64 = (pem: string): Buffer => Buffer.from(Buffer.from(pem).toString('base64'));
  return [
    { path: keyPath, content: base64(tls.keyPem), mode: 0o600 },
    { path: certPath, content: base64(tls.certPem), mode: 0o644 },
    { path: rootPath, content: Buffer.from(tls.caPem), mode: 0o644 },
    { path: keyFilePath, content: Buffer.from(tls.keyPem), mode: 0o600 },
    { path: certFilePath, content: Buffer.from(tls.certPem), mode: 0o644 },
  ];
}
