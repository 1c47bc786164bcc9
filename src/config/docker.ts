import type { CompleteConfig } from './schema/core.js';
import type { HostConfigSettings } from './schema/docker.js';

/** vm.docker with its defaults; paths are absolute. */
export interface DockerConfig {
  /** Mutual TLS with the engine. */
  readonly tls: {
    readonly enabled: boolean;
    readonly caFile: string;
    readonly certFile: string;
    readonly keyFile: string;
  };
  readonly attachStdout: boolean;
  readonly hostConfig: HostConfigSettings;
  /** Images that carry their chaincode already, by `‹name›` or `‹name›:‹version›`. */
  readonly images: Readonly<Record<string, string>>;
}

/** What holds when core.yaml says nothing of logs. */
const sampleLog: HostConfigSettings['LogConfig'] = {
  Type: 'json-file',
  Config: { 'max-size': '50m', 'max-file': '5' },
};

/** @param at makes a path of core.yaml absolute */
export function compileDocker(
  docker: CompleteConfig['vm']['docker'],
  at: (path: string) => string,
): DockerConfig {
  const { tls, hostConfig, ...rest } = docker;
  const { Type, Config } = hostConfig.LogConfig;
  const options = Type === '' && Object.keys(Config).length === 0 ? sampleLog.Config : Config;
  const file = (path: string): string => (path === '' ? '' : at(path));
  return {
    ...rest,
    hostConfig: { ...hostConfig, LogConfig: { Type: Type || sampleLog.Type, Config: options } },
    tls: {
      enabled: tls.enabled,
      caFile: file(tls.ca.file),
      certFile: file(tls.cert.file),
      keyFile: file(tls.key.file),
    },
  };
}
