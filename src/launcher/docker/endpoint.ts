import { LauncherError } from '../../errors.js';

/** Material of mutual TLS, PEM. */
export interface EngineTls {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Where the engine listens. */
export type EngineAddress =
  | { readonly kind: 'unix'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly https: boolean };

/** Where Docker listens when nobody says otherwise; what Fabric's sample core.yaml has. */
export const defaultEndpoint = 'unix:///var/run/docker.sock';

/** Reads vm.endpoint: unix:///path, tcp://host:port, http(s)://host:port. @throws when it is none of these */
export function parseEndpoint(endpoint: string, tls: boolean): EngineAddress {
  if (endpoint.startsWith('unix://')) {
    const socketPath = endpoint.slice('unix://'.length);
    if (socketPath.startsWith('/')) return { kind: 'unix', socketPath };
    throw invalid(endpoint);
  }
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !['tcp:', 'http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw invalid(endpoint);
  }
  const https = tls || url.protocol === 'https:';
  // A URL leaves out the port that its scheme implies.
  const implied = { 'http:': 80, 'https:': 443 }[url.protocol] ?? (https ? 2376 : 2375);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { kind: 'tcp', host, port: url.port === '' ? implied : Number(url.port), https };
}

function invalid(endpoint: string): LauncherError {
  return new LauncherError(
    `vm.endpoint: invalid endpoint "${endpoint}": it must be unix:///path, tcp://host:port or https://host:port`,
  );
}
