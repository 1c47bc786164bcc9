import { readFile } from 'node:fs/promises';
import type { TlsFiles } from '../config/compile.js';
import { LauncherError } from '../errors.js';
import type { ServerTls } from '../grpc/server.js';

/** Reads the TLS material of a listener; undefined when TLS is off. @param section for messages: `peer.tls` */
export async function readServerTls(tls: TlsFiles, section: string): Promise<ServerTls | undefined> {
  if (!tls.enabled) return undefined;
  if (!tls.certFile || !tls.keyFile) {
    throw new LauncherError(
      `${section}.enabled is true but ${section}.cert.file or ${section}.key.file is not set`,
    );
  }
  return {
    cert: await readFile(tls.certFile),
    key: await readFile(tls.keyFile),
    clientRootCas: await Promise.all(tls.clientRootCaFiles.map((file) => readFile(file))),
    clientAuthRequired: tls.clientAuthRequired,
  };
}
