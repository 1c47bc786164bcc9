import { statSync } from 'node:fs';
import { findCoreYaml, parseBoolean, readCoreYaml, settingPath, settingText } from '../config/coreYaml.js';
import type { CoreYaml } from '../config/coreYaml.js';
import { durationMs } from '../config/duration.js';
import { messageOf } from '../errors.js';
import type { SigningIdentity } from '../msp/types.js';
import { StartError } from './errors.js';
import type { CliIo } from './io.js';

/** How to reach a peer and who we are: core.yaml under the CORE_PEER_… variables. */
export interface PeerSettings {
  readonly address: string;
  readonly tlsEnabled: boolean;
  readonly tlsRootCertFile?: string;
  readonly tlsServerHostOverride?: string;
  readonly clientAuthRequired: boolean;
  readonly clientCertFile?: string;
  readonly clientKeyFile?: string;
  readonly connTimeoutMs: number;
  readonly mspId: string;
  readonly mspDir: string;
}

/** Reads the settings that every command against a peer needs. @throws StartError with Fabric's texts */
export async function loadPeerSettings(io: CliIo): Promise<PeerSettings> {
  const file = findCoreYaml(io.env, io.cwd);
  if (file === undefined) {
    throw new StartError(
      'Fatal error when initializing core config : Could not find config file. Please make sure that FABRIC_CFG_PATH is set to a path which contains core.yaml',
    );
  }
  let yaml: CoreYaml;
  try {
    yaml = await readCoreYaml(file);
  } catch (error) {
    throw new StartError(`Fatal error when initializing core config : ${messageOf(error)}`, { cause: error });
  }
  return settingsOf(io.env, yaml);
}

function settingsOf(env: NodeJS.ProcessEnv, yaml: CoreYaml): PeerSettings {
  const text = (key: string): string | undefined => settingText(key, env, yaml);
  const path = (key: string): string | undefined => settingPath(key, env, yaml);
  const flag = (key: string): boolean => parseBoolean(key, text(key) ?? 'false');
  const rootCertFile = path('peer.tls.rootcert.file');
  const hostOverride = text('peer.tls.serverhostoverride');
  const clientCertFile = path('peer.tls.clientCert.file') ?? path('peer.tls.cert.file');
  const clientKeyFile = path('peer.tls.clientKey.file') ?? path('peer.tls.key.file');
  return {
    address: text('peer.address') ?? '',
    tlsEnabled: flag('peer.tls.enabled'),
    ...(rootCertFile !== undefined && { tlsRootCertFile: rootCertFile }),
    ...(hostOverride !== undefined && { tlsServerHostOverride: hostOverride }),
    clientAuthRequired: flag('peer.tls.clientAuthRequired'),
    ...(clientCertFile !== undefined && { clientCertFile }),
    ...(clientKeyFile !== undefined && { clientKeyFile }),
    connTimeoutMs: durationMs(text('peer.client.connTimeout') ?? '3s') || 3000,
    mspId: text('peer.localMspId') ?? '',
    mspDir: path('peer.mspConfigPath') ?? '',
  };
}

/** The identity that signs. @throws StartError with Fabric's texts */
export async function loadSigner(settings: PeerSettings): Promise<SigningIdentity> {
  const { mspDir, mspId } = settings;
  if (!statSync(mspDir, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StartError(`Cannot run peer because cannot init crypto, folder "${mspDir}" does not exist`);
  }
  if (mspId === '') throw new StartError('Cannot run peer because the local MSP must have an ID');
  try {
    const { loadLocalMsp } = await import('../msp/localMsp.js');
    return (await loadLocalMsp(mspDir, mspId)).signer;
  } catch (error) {
    throw new StartError(
      `Cannot run peer because error when setting up MSP of type bccsp from directory ${mspDir}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
