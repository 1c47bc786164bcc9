import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issue, type TestCertificate } from '../../test/support/testCa.js';
import { msp as protos } from '../protos/index.js';
import { loadLocalMsp, mspConfigFromDirectory } from './localMsp.js';

let dir: string;
let root: TestCertificate;
let admin: TestCertificate;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'local-msp-'));
  root = await issue({ subject: 'CN=ca', ca: true });
  admin = await issue({ subject: 'CN=admin, OU=admin', issuer: root });
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function put(folder: string, name: string, content: string | Buffer): Promise<void> {
  await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, folder, name), content);
}

const keyOf = ({ privateKey }: TestCertificate): Buffer =>
  privateKey.export({ format: 'pem', type: 'pkcs8' }) as Buffer;

function adminPrincipal(): protos.MSPPrincipal {
  const role = new protos.MSPRole();
  role.setMspIdentifier('A');
  role.setRole(protos.MSPRole.MSPRoleType.ADMIN);
  const principal = new protos.MSPPrincipal();
  principal.setPrincipal(role.serializeBinary());
  return principal;
}

const nodeOus = `NodeOUs:
  Enable: true
  AdminOUIdentifier:
    Certificate: cacerts/ca.pem
    OrganizationalUnitIdentifier: admin
`;

describe('a local MSP directory', () => {
  it('needs no admincerts where NodeOUs are on, and finds the key among others', async () => {
    const other = await issue({ subject: 'CN=other', issuer: root });
    await put('cacerts', 'ca.pem', root.pem);
    await put('signcerts', 'cert.pem', admin.pem);
    await put('keystore', 'a_sk', keyOf(other));
    await put('keystore', 'b_sk', keyOf(admin));
    await put('keystore', 'notes.txt', 'no key');
    await put('.', 'config.yaml', nodeOus);
    const { msp, signer } = await loadLocalMsp(dir, 'A');
    const identity = msp.deserializeIdentity(signer.serialized);
    identity.satisfiesPrincipal(adminPrincipal());
    await identity.verify(Buffer.from('m'), await signer.sign(Buffer.from('m')));
    expect(signer.mspId).toBe('A');
  });

  it('reads admincerts where NodeOUs are off', async () => {
    await put('cacerts', 'ca.pem', root.pem);
    await put('admincerts', 'admin.pem', admin.pem);
    await put('signcerts', 'cert.pem', admin.pem);
    await put('keystore', 'a_sk', keyOf(admin));
    const { msp, signer } = await loadLocalMsp(dir, 'A');
    msp.deserializeIdentity(signer.serialized).satisfiesPrincipal(adminPrincipal());
    expect(msp.nodeOusEnabled).toBe(false);
  });

  it('says what is missing', async () => {
    await expect(loadLocalMsp(dir, 'A')).rejects.toThrow(
      `could not load a valid CA certificate from ${join(dir, 'cacerts')}`,
    );
    await put('cacerts', 'ca.pem', root.pem);
    await expect(loadLocalMsp(dir, 'A')).rejects.toThrow(`no certificate in ${join(dir, 'signcerts')}`);
    await put('signcerts', 'cert.pem', admin.pem);
    await put('keystore', 'root_sk', keyOf(root));
    await expect(loadLocalMsp(dir, 'A')).rejects.toThrow(
      `no private key in ${join(dir, 'keystore')} fits the certificate in signcerts`,
    );
    await put('.', 'config.yaml', 'NodeOUs: [');
    await expect(mspConfigFromDirectory(dir, 'A')).rejects.toThrow(
      `${join(dir, 'config.yaml')} is not valid YAML: `,
    );
    await put('.', 'config.yaml', nodeOus.replace('ca.pem', 'gone.pem'));
    await expect(mspConfigFromDirectory(dir, 'A')).rejects.toThrow('gone.pem');
  });
});
