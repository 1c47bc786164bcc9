import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TlsFiles } from '../config/compile.js';
import { readServerTls } from './serverTls.js';

const folder = mkdtempSync(join(tmpdir(), 'server-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const certFile = join(folder, 'server.crt');
const keyFile = join(folder, 'server.key');
writeFileSync(certFile, 'certificate');
writeFileSync(keyFile, 'key');

const missing = join(folder, 'tls', 'ca.crt');
const tls: TlsFiles = {
  enabled: true,
  clientAuthRequired: false,
  certFile,
  keyFile,
  clientRootCaFiles: [missing],
};

describe('the TLS material of a listener', () => {
  it('is none when TLS is off', async () => {
    expect(await readServerTls({ ...tls, enabled: false }, 'peer.tls')).toBeUndefined();
  });

  it('has no CAs of clients where they need no certificate, even when their file is missing', async () => {
    expect(await readServerTls(tls, 'peer.tls')).toEqual({
      cert: Buffer.from('certificate'),
      key: Buffer.from('key'),
      clientRootCas: [],
      clientAuthRequired: false,
    });
  });

  it('names the key whose file is missing', async () => {
    await expect(readServerTls({ ...tls, clientAuthRequired: true }, 'peer.tls')).rejects.toThrow(
      `cannot read peer.tls.clientRootCAs.files: ENOENT: no such file or directory, open '${missing}'`,
    );
    await expect(readServerTls({ ...tls, keyFile: missing }, 'peer.tls')).rejects.toThrow(
      'cannot read peer.tls.key.file: ENOENT',
    );
  });

  it('names the keys of which one is not set', async () => {
    await expect(
      readServerTls({ enabled: true, clientAuthRequired: false, clientRootCaFiles: [] }, 'peer.tls'),
    ).rejects.toThrow('peer.tls.enabled is true but peer.tls.cert.file or peer.tls.key.file is not set');
  });
});
