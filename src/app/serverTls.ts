import { readFile } from 'node:fs/promises';
import type { TlsFiles } from '../config/compile.js';
import { LauncherError, wrap } from '../errors.js';
import type { ServerTls } from '../grpc/server.js';

/**
 * Reads the TLS material of a listener; undefined when TLS is off. CAs of clients are read only where clients must show a
 * certificate, as in Fabric: its sample core.yaml names a file that nobody has.
 * @param section for messages: `peer.tls`
 * @throws LauncherError that names the key
 */
export async function readServerTls(tls: TlsFiles, section: string): Promise<ServerTls | undefined> {
  if (!tls.enabled) return undefined;
  if (!tls.certFile || !tls.keyFile) {
    throw new LauncherError(
      `${section}.enabled is true but ${section}.cert.file or ${section}.key.file is not set`,
    );
  }
  const read = async (key: string, file: string): Promise<Buffer> => {
    try {
      return await readFile(file);
    } catch (error) {
      throw wrap(`cannot read ${section}.${key}`, error);
    }
  };
  const clientCas = tls.clientAuthRequired ? tls.clientRootCaFiles : [];
  return {
    cert: await read('cert.file', tls.certFile),
    key: await read('key.file', tls.keyFile),
    clientRootCas: await Promise.all(clientCas.map((file) => read('clientRootCAs.files', file))),
    clientAuthRequired: tls.clientAuthRequired,
  };
}
