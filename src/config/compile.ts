import { isAbsolute, join } from 'node:path';
import { withDefaults } from './defaults.js';
import { compileDocker, type DockerConfig } from './docker.js';
import { durationMs } from './duration.js';
import { compileKubernetes, type KubernetesConfig } from './kubernetes.js';
import type { CompleteConfig, CoreConfig } from './schema/core.js';

/** TLS files of a server or a client; paths are absolute or relative to the working directory. */
export interface TlsFiles {
  readonly enabled: boolean;
  readonly clientAuthRequired: boolean;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly rootCertFile?: string;
  readonly clientRootCaFiles: readonly string[];
}

/** The configuration with every default in place; times are in milliseconds. */
export interface CompiledConfig {
  readonly peer: {
    readonly id: string;
    readonly networkId: string;
    readonly listenAddress: string;
    readonly address: string;
    /** Empty = made from chaincodeListenAddress or address, by Fabric's rules. */
    readonly chaincodeAddress: string;
    readonly chaincodeListenAddress: string;
    readonly fileSystemPath: string;
    readonly mspConfigPath: string;
    readonly localMspId: string;
    readonly tls: TlsFiles;
    readonly authenticationTimeWindowMs: number;
  };
  readonly vm: {
    readonly provider: 'process' | 'docker' | 'kubernetes';
    readonly endpoint: string;
    readonly docker: DockerConfig;
    readonly kubernetes: KubernetesConfig;
    /** What becomes of versions that no channel uses any more. */
    readonly retire: {
      /** So many of the newest go on running. */
      readonly keep: number;
      /** The others are stopped after so long. */
      readonly graceMs: number;
    };
  };
  readonly chaincode: {
    readonly builder: string;
    readonly pull: boolean;
    readonly runtimes: {
      readonly golang: string;
      readonly car: string;
      readonly java: string;
      readonly node: string;
    };
    readonly golangDynamicLink: boolean;
    /** Below 5 s becomes 5 s (contract 1.7). */
    readonly startupTimeoutMs: number;
    /** Below 1 s becomes 30 s. */
    readonly executeTimeoutMs: number;
    readonly mode: 'net' | 'dev';
    /** 0 = off. */
    readonly keepaliveMs: number;
    /** System chaincodes that are switched on. */
    readonly system: Readonly<Record<string, boolean>>;
    readonly logging: { readonly level: string; readonly shim: string; readonly format: string };
  };
  readonly ledger: { readonly totalQueryLimit: number; readonly enableHistoryDatabase: boolean };
  readonly operations: { readonly listenAddress: string; readonly tls: TlsFiles };
  readonly metrics: { readonly provider: 'prometheus' | 'statsd' | 'disabled' };
  readonly logging: { readonly spec: string };
  /** What was corrected while compiling, for the log. */
  readonly notes: readonly string[];
}

/** Compiles what was written over the defaults, and applies the rules of contract 1.7. */
export function compileConfig(written: CoreConfig, baseDir: string): CompiledConfig {
  const notes: string[] = [];
  const at = (path: string): string => (isAbsolute(path) ? path : join(baseDir, path));
  const { peer, vm, chaincode, ledger, operations, metrics, logging } = withDefaults(written);
  if (metrics.provider === 'statsd')
    notes.push('metrics.provider statsd does not exist here; metrics disabled');
  return {
    peer: {
      id: peer.id,
      networkId: peer.networkId,
      listenAddress: peer.listenAddress,
      address: peer.address,
      chaincodeAddress: peer.chaincodeAddress,
      chaincodeListenAddress: peer.chaincodeListenAddress,
      localMspId: peer.localMspId,
      fileSystemPath: at(peer.fileSystemPath),
      mspConfigPath: at(peer.mspConfigPath),
      tls: tlsFiles(peer.tls, at),
      authenticationTimeWindowMs: durationMs(peer.authentication.timewindow),
    },
    vm: {
      provider: vm.provider,
      endpoint: vm.endpoint,
      docker: compileDocker(vm.docker, at),
      kubernetes: compileKubernetes(vm.kubernetes, chaincode, at),
      retire: { keep: vm.retire.keep, graceMs: durationMs(vm.retire.grace) },
    },
    chaincode: compileChaincode(chaincode, notes),
    ledger: {
      totalQueryLimit: ledger.state.totalQueryLimit,
      enableHistoryDatabase: ledger.history.enableHistoryDatabase,
    },
    operations: { listenAddress: operations.listenAddress, tls: tlsFiles(operations.tls, at) },
    metrics: { provider: metrics.provider },
    logging: { spec: logging.spec },
    notes,
  };
}

function compileChaincode(
  chaincode: CompleteConfig['chaincode'],
  notes: string[],
): CompiledConfig['chaincode'] {
  const { golang, car, java, node, logging } = chaincode;
  const system = Object.entries(chaincode.system);
  return {
    builder: chaincode.builder,
    pull: chaincode.pull,
    runtimes: { golang: golang.runtime, car: car.runtime, java: java.runtime, node: node.runtime },
    golangDynamicLink: golang.dynamicLink,
    startupTimeoutMs: atLeast('startuptimeout', chaincode.startuptimeout, 5_000, 5_000, notes),
    executeTimeoutMs: atLeast('executetimeout', chaincode.executetimeout, 1_000, 30_000, notes),
    mode: chaincode.mode,
    keepaliveMs: keepalive(chaincode.keepalive),
    system: Object.fromEntries(
      system.map(([name, value]) => [name, ['enable', 'true', 'yes'].includes(value)]),
    ),
    logging: {
      level: chaincodeLevel('level', logging.level, 'info', notes),
      shim: chaincodeLevel('shim', logging.shim, 'warning', notes),
      format: logging.format,
    },
  };
}

function atLeast(key: string, text: string, minimumMs: number, otherwiseMs: number, notes: string[]): number {
  const ms = durationMs(text);
  if (ms >= minimumMs) return ms;
  notes.push(`chaincode.${key} ${text} is below ${minimumMs / 1000}s. Using ${otherwiseMs / 1000}s`);
  return otherwiseMs;
}

/** Whole seconds; anything else switches it off, as in Fabric. */
function keepalive(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : 0;
}

const chaincodeLevels = ['debug', 'info', 'notice', 'warning', 'warn', 'error', 'critical'];

function chaincodeLevel(key: string, level: string, otherwise: string, notes: string[]): string {
  if (level === '') return otherwise;
  if (chaincodeLevels.includes(level.toLowerCase())) return level;
  notes.push(`chaincode.logging.${key} has invalid log level ${level}. defaulting to ${otherwise}`);
  return otherwise;
}

type WrittenTls = CompleteConfig['operations']['tls'] &
  Partial<Pick<CompleteConfig['peer']['tls'], 'rootcert'>>;

function tlsFiles(tls: WrittenTls, at: (path: string) => string): TlsFiles {
  return {
    enabled: tls.enabled,
    clientAuthRequired: tls.clientAuthRequired,
    ...(tls.cert.file && { certFile: at(tls.cert.file) }),
    ...(tls.key.file && { keyFile: at(tls.key.file) }),
    ...(tls.rootcert?.file && { rootCertFile: at(tls.rootcert.file) }),
    clientRootCaFiles: tls.clientRootCAs.files.map(at),
  };
}
