import { LauncherError } from '../errors.js';

/** The settings that decide where chaincode finds the peer. */
export interface EndpointSettings {
  /** peer.chaincodeAddress */
  readonly chaincodeAddress?: string;
  /** peer.chaincodeListenAddress */
  readonly chaincodeListenAddress?: string;
  /** peer.address, whose host stands in when the listener has none. */
  readonly peerAddress: string;
  readonly devMode?: boolean;
}

const defaultPort = 7052;
const anyHosts = new Set(['', '0.0.0.0', '::', '0:0:0:0:0:0:0:0']);

/** Splits `host:port`, `[v6]:port`; the port may be missing. Throws on anything else. */
export function splitHostPort(address: string): { host: string; port: number | undefined } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(address);
  if (!match) throw new LauncherError(`invalid address ${address}: expected host:port`);
  const [, v6, plain, port] = match;
  return { host: v6 ?? plain ?? '', port: port === undefined ? undefined : Number(port) };
}

function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * The address that chaincode dials, by the four rules of contract 4.
 * @param boundPort the port that the listener really has, which matters when it was asked for 0
 * @throws LauncherError `invalid endpoint for chaincode to connect`
 */
export function chaincodeEndpoint(settings: EndpointSettings, boundPort?: number): string {
  const invalid = new LauncherError('invalid endpoint for chaincode to connect');
  if (settings.chaincodeAddress !== undefined && settings.chaincodeAddress !== '') {
    const { host, port } = splitHostPort(settings.chaincodeAddress);
    if (anyHosts.has(host)) throw invalid;
    return joinHostPort(host, pickPort(port, boundPort));
  }
  const listen = splitHostPort(settings.chaincodeListenAddress ?? '');
  const port = pickPort(listen.port, boundPort);
  if (!anyHosts.has(listen.host)) return joinHostPort(listen.host, port);
  const peer = splitHostPort(settings.peerAddress);
  if (!anyHosts.has(peer.host)) return joinHostPort(peer.host, port);
  if (settings.devMode) return joinHostPort('0.0.0.0', port);
  throw invalid;
}

/** Port 0 stands for whatever the listener got. */
function pickPort(configured: number | undefined, bound: number | undefined): number {
  return configured === undefined || configured === 0 ? (bound ?? defaultPort) : configured;
}
