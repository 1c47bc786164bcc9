import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildProposal, type ProposalOptions } from '../../src/cli/clients/proposals.js';
import { loadLocalMsp } from '../../src/msp/localMsp.js';
import type { SigningIdentity } from '../../src/msp/types.js';
import { makeChaincodeDeploymentSpec } from '../../src/packages/cds.js';
import { makeTar } from '../../src/packages/tarWriter.js';
import { common, peer } from '../../src/protos/index.js';
import { DevNetwork } from '../support/devNetwork.js';

const kvRaw = resolve(import.meta.dirname, '../../samples/kv-raw');
const mebibyte = 1 << 20;

describe('bad input to a running network', () => {
  const network = new DevNetwork();
  let admin: SigningIdentity;
  let client: Client;
  let installed: string[];
  let height: string;

  beforeAll(async () => {
    await network.start();
    await network.deploy('kv', kvRaw, ['init', 'a', '100']);
    const { msp, peer: node } = network.description;
    admin = (await loadLocalMsp(msp.adminDir, msp.id)).signer;
    client = new Client(node.address, credentials.createSsl(readFileSync(node.tlsCa)), {
      'grpc.max_send_message_length': -1,
    });
    installed = packagesOnDisk();
    height = await network.ok('channel', 'getinfo', '-c', 'mychannel');
  }, 120_000);

  afterAll(async () => {
    client.close();
    await network.remove();
  });

  afterEach(async () => {
    expect(packagesOnDisk()).toEqual(installed);
    expect(network.chaincodeProcesses()).toHaveLength(1);
    expect(await answer({ chaincode: 'kv', args: ['get', 'a'] })).toBe('200 ');
  });

  function packagesOnDisk(): string[] {
    return readdirSync(join(network.data, 'net', 'peer', 'chaincodes')).sort();
  }

  /** Sends bytes as they are; gives the answer or the gRPC status with its text. */
  function send(bytes: Uint8Array): Promise<peer.ProposalResponse | string> {
    return new Promise((done) => {
      client.makeUnaryRequest(
        '/protos.Endorser/ProcessProposal',
        (raw: Uint8Array) => Buffer.from(raw),
        (raw: Buffer) => peer.ProposalResponse.deserializeBinary(raw),
        bytes,
        (error: ServiceError | null, response?: peer.ProposalResponse) =>
          done(response ?? `${error?.code} ${error?.details}`),
      );
    });
  }

  async function signed(
    options: Omit<Partial<ProposalOptions>, 'args'> & { args?: readonly (string | Uint8Array)[] },
  ): Promise<peer.SignedProposal> {
    const args = (options.args ?? ['get', 'a']).map((arg) => Buffer.from(arg));
    return (await buildProposal(admin, { channelId: 'mychannel', chaincode: 'kv', ...options, args })).signed;
  }

  /** `‹status› ‹message›` of a proposal, or `‹gRPC code› ‹details›`. */
  async function answer(options: Parameters<typeof signed>[0]): Promise<string> {
    const response = await send((await signed(options)).serializeBinary());
    if (typeof response === 'string') return response;
    return `${response.getResponse()?.getStatus()} ${response.getResponse()?.getMessage()}`;
  }

  /** Instantiates the installed chaincode. */
  async function deploy(name: string): Promise<string> {
    const none = new Uint8Array();
    const version = '1.0';
    const spec = makeChaincodeDeploymentSpec({
      platform: 'NODE',
      name,
      version,
      path: 'bad',
      codePackage: none,
    });
    return answer({ chaincode: 'lscc', args: ['deploy', 'mychannel', spec.serializeBinary()] });
  }

  async function install(codePackage: Uint8Array, name = 'bad', version = '1.0'): Promise<string> {
    const spec = makeChaincodeDeploymentSpec({ platform: 'NODE', name, version, path: 'bad', codePackage });
    return answer({ channelId: '', chaincode: 'lscc', args: ['install', spec.serializeBinary()] });
  }

  it('that is no request is refused by the gRPC layer', async () => {
    const bytes = (await signed({})).serializeBinary();
    const unreadable = '13 grpc: error unmarshalling request: unexpected EOF';
    expect(await send(bytes.subarray(0, 40))).toBe(unreadable);
    // A length that leads out of the message.
    expect(await send(Uint8Array.of(0x0a, 0xff, 0x01, ...randomBytes(20)))).toBe(unreadable);
    expect(await send(new Uint8Array())).toBe('2 invalid header type MESSAGE');
  });

  it('of more than 100 MiB is refused', async () => {
    expect(await send(new Uint8Array(101 * mebibyte))).toBe(
      `8 Received message larger than max (${101 * mebibyte} vs ${100 * mebibyte})`,
    );
  }, 60_000);

  it('that survives random damage neither hangs nor ends anything', async () => {
    const bytes = (await signed({})).serializeBinary();
    for (let round = 0; round < 200; round++) {
      const damaged = Uint8Array.from(bytes);
      for (const at of randomBytes(3)) damaged[(at * bytes.length) >> 8] = at ^ round;
      const response = await send(damaged);
      // A changed request is never endorsed: it breaks the coding, a check, or the signature.
      expect(typeof response).toBe('string');
    }
  }, 60_000);

  it('with a foreign signature, header type or channel is refused with the text of Fabric', async () => {
    const forged = await signed({});
    forged.setSignature((await signed({})).getSignature_asU8());
    const denied = '2 access denied: channel [mychannel] creator org [Org1MSP]';
    expect(await send(forged.serializeBinary())).toBe(denied);
    expect(await answer({ type: common.HeaderType.ORDERER_TRANSACTION })).toBe(
      '2 invalid header type ORDERER_TRANSACTION',
    );
    expect(await answer({ channelId: 'nochannel' })).toBe(denied.replace('mychannel', 'nochannel'));
  });

  it('for chaincode or functions that are not there is answered with what is missing', async () => {
    expect(await answer({ chaincode: 'nocc' })).toBe(
      '500 make sure the chaincode nocc has been successfully instantiated and try again: chaincode nocc not found',
    );
    expect(await answer({ args: [] })).toBe('500 unknown function ');
    expect(await answer({ chaincode: 'lscc', args: ['frobnicate'] })).toBe(
      '500 invalid function to lscc: frobnicate',
    );
    expect(await answer({ chaincode: 'lscc', args: ['deploy', 'mychannel', Uint8Array.of(10, 9)] })).toBe(
      '500 error unmarshaling ChaincodeDeploymentSpec: unexpected EOF',
    );
    expect(await deploy('never')).toBe('500 cannot get package for chaincode (never:1.0)');
  });

  it('instead of a package is not installed', async () => {
    const manifest = { name: 'src/package.json', content: randomBytes(5000) };
    expect(await install(Buffer.from('hello, I am no archive'))).toBe('500 gzip: invalid header');
    expect(await install(new Uint8Array())).toBe('500 nil code package');
    expect(await install(gzipSync(makeTar([manifest])).subarray(0, 2000))).toBe('500 unexpected EOF');
    expect(await answer({ channelId: '', chaincode: 'lscc', args: ['install', Uint8Array.of(10, 9)] })).toBe(
      '500 could not unmarshal chaincode package to CDS or SignedCDS',
    );
  });

  it('that unpacks to far more than it is is not installed', async () => {
    const zeros = { name: 'src/zeros', content: new Uint8Array(300 * mebibyte) };
    expect(await install(gzipSync(makeTar([zeros])))).toMatch(
      /^500 code package (is compressed more than \d+ times|holds more than \d+ bytes)$/,
    );
  }, 60_000);

  it.each(['', 'a/b', '../x', 'a b', '-a', 'ä'])('as the chaincode name %j is refused', async (name) => {
    expect(await install(emptyPackage, name)).toBe(
      `500 invalid chaincode name '${name}'. Names must start with an alphanumeric character and can only consist of alphanumerics, '_', and '-'`,
    );
  });

  it.each(['', 'a/b', '../x', '1 0', '1:0'])('as the version %j is refused', async (version) => {
    expect(await install(emptyPackage, 'bad', version)).toBe(
      `500 invalid chaincode version '${version}'. Versions must not be empty and can only consist of alphanumerics, '_',  '-', '+', and '.'`,
    );
  });

  it('that takes the name of a system chaincode is refused', async () => {
    expect(await install(emptyPackage, 'lscc')).toBe(
      '500 cannot install: lscc is the name of a system chaincode',
    );
  });

  // Like Fabric, install looks at META-INF only; what is wrong elsewhere is found before anything is unpacked.
  it.each([
    ['traversal', { name: '../../evil' }, 'entry "../../evil" leads out of the package'],
    ['traversal2', { name: 'src/../../evil' }, 'entry "src/../../evil" leads out of the package'],
    ['absolute', { name: '/etc/evil' }, 'entry "/etc/evil" has an absolute name'],
    [
      'symlink',
      { name: 'src/link', type: 'symlink', linkname: '/etc/passwd' },
      'entry "src/link" is of type symlink, only files and directories are allowed',
    ],
  ] as const)('as a package with a %s entry is never unpacked', async (name, entry, why) => {
    expect(await install(await packageWith(entry), name)).toBe('200 ');
    installed = packagesOnDisk();
    expect(await deploy(name)).toContain(`failed to unpack code package: ${why}`);
    expect(existsSync('/etc/evil')).toBe(false);
    expect(findEvil(network.data)).toEqual([]);
  });

  it('leaves the ledger as it was', async () => {
    expect(await network.ok('channel', 'getinfo', '-c', 'mychannel')).toBe(height);
  });
});

const emptyPackage = gzipSync(makeTar([{ name: 'src/package.json', content: Buffer.from('{}') }]));

/** A Node.js package with one further entry. */
async function packageWith(entry: {
  name: string;
  type?: 'symlink';
  linkname?: string;
}): Promise<Uint8Array> {
  const archive = pack();
  archive.entry({ name: 'src/package.json', mode: 0o100644 }, '{"name":"bad","version":"1.0.0"}');
  if (entry.type === 'symlink') archive.entry({ mode: 0o100644, ...entry });
  else archive.entry({ mode: 0o100644, ...entry }, 'evil');
  archive.finalize();
  return gzipSync(await buffer(archive));
}

function findEvil(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('evil'));
}
