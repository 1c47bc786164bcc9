import type { FastifyInstance } from 'fastify';
import { LauncherError, wrap } from '../errors.js';

/**
 * Listens on host:port ([host]:port for IPv6; port 0 = any free one) and returns the address with the port that it got.
 * @param what whose address it is, for errors
 */
export async function listenOn(server: FastifyInstance, address: string, what: string): Promise<string> {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new LauncherError(`${what}: ${address} is not host:port`);
  try {
    await server.listen({ host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) });
  } catch (error) {
    throw wrap(`${what}: failed to listen on ${address}`, error);
  }
  const bound = server.server.address();
  return `${host}:${typeof bound === 'object' && bound ? bound.port : 0}`;
}
