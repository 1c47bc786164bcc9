import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChaincodeResult } from '../../src/chaincode/types.js';
import { ProcessVMProvider } from '../../src/launcher/process/provider.js';
import type { VMProvider } from '../../src/launcher/types.js';
import { makeCodePackage } from '../../src/packages/codePackage.js';
import { common, msp, peer as peerProtos } from '../../src/protos/index.js';
import { validateCodePackage } from '../../src/packages/validateCodePackage.js';
import { listeningPeer } from '../support/chaincodeListener.js';
import { deploymentSpec, inputOf, transaction } from '../support/chaincodePeer.js';
import { FakeSimulator } from '../support/fakeSimulator.js';
import { silentLogger } from '../support/silentLogger.js';

const root = join(import.meta.dirname, '../..');
const open: { close(): Promise<void> }[] = [];
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'samples-'));
});
afterEach(async () => {
  for (const peer of open.splice(0)) await peer.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A peer whose process provider runs the chaincode of a folder of this project, over mutual TLS. */
async function peerWith(folder: string) {
  const { bytes } = await makeCodePackage({ platform: 'NODE', path: join(root, folder) });
  await validateCodePackage(2, bytes);
  const provider = new ProcessVMProvider({ dir, logger: silentLogger() });
  const withCode: VMProvider = {
    name: 'process',
    start: (request) => provider.start({ ...request, codePackage: bytes }),
    wait: (ccid) => provider.wait(ccid),
    stop: (ccid) => provider.stop(ccid),
    healthCheck: () => provider.healthCheck(),
    close: () => provider.close(),
  };
  const peer = await listeningPeer({ provider: withCode, tls: true, startupTimeoutMs: 240_000 });
  open.push(peer);
  const simulator = new FakeSimulator();
  // The contract API reads the creator's certificate, so it must be one.
  const { certPem } = await peer.ca!.issueClientCert();
  const transactionOf = (): ReturnType<typeof transaction> => {
    const params = transaction(simulator);
    const proposal = proposalBy(certPem, params.proposal);
    const signedProposal = new peerProtos.SignedProposal();
    signedProposal.setProposalBytes(proposal.serializeBinary());
    signedProposal.setSignature(new Uint8Array([1]));
    return { ...params, proposal, signedProposal };
  };
  const show = ({ response }: ChaincodeResult): string =>
    response.getStatus() === 200
      ? Buffer.from(response.getPayload_asU8()).toString()
      : `${response.getStatus()}: ${response.getMessage()}`;
  const init = async (name: string, version: string, ...args: string[]): Promise<string> =>
    show(
      await peer.support.executeLegacyInit(
        transactionOf(),
        name,
        version,
        deploymentSpec(name, version, ...args),
      ),
    );
  const call = async (name: string, version: string, ...args: string[]): Promise<string> =>
    show(await peer.support.execute(transactionOf(), name, version, inputOf(...args)));
  return { ...peer, init, call, simulator };
}

/** The same proposal from the holder of a certificate. */
function proposalBy(certPem: string, original: peerProtos.Proposal): peerProtos.Proposal {
  const identity = new msp.SerializedIdentity();
  identity.setMspid('Org1MSP');
  identity.setIdBytes(Buffer.from(certPem));
  const header = common.Header.deserializeBinary(original.getHeader_asU8());
  const signatureHeader = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
  signatureHeader.setCreator(identity.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const proposal = original.clone();
  proposal.setHeader(header.serializeBinary());
  return proposal;
}

describe('samples, built by npm and run as processes', { timeout: 300_000 }, () => {
  it('kv-raw: puts, gets, lists, calls itself over, upgrades to a second version', async () => {
    const { init, call, journal } = await peerWith('samples/kv-raw');
    expect(await init('kv', '1.0', 'init', 'a', '1')).toBe('init');
    expect(await call('kv', '1.0', 'get', 'a')).toBe('1');
    expect(await call('kv', '1.0', 'put', 'b', '2')).toBe('2');
    expect(await call('kv', '1.0', 'range', '', '')).toBe(
      '[{"key":"a","value":"1"},{"key":"b","value":"2"}]',
    );
    expect(await call('kv', '1.0', 'version')).toBe('1.0');
    expect(await call('kv', '1.0', 'error', 'no')).toBe('500: no');
    expect(await call('kv', '1.0', 'nosuch')).toBe('500: unknown function nosuch');
    expect(await init('kv', '2.0')).toBe('init');
    expect(await call('kv', '2.0', 'version')).toBe('2.0');
    expect(await call('kv', '2.0', 'get', 'a')).toBe('1');
    const { steps } = journal.get('kv:2.0')!;
    expect(steps.built! - steps.packageKept!).toBeLessThan(50);
    process.stdout.write(`second launch: ${JSON.stringify(steps)}\n`);
  });

  it('asset-contract: creates, reads, hands over and lists', async () => {
    const { init, call } = await peerWith('samples/asset-contract');
    expect(await init('asset', '1.0', 'init', 'alice')).toBe('');
    expect(await call('asset', '1.0', 'readAsset', 'asset1')).toBe(
      '{"id":"asset1","owner":"alice","value":100}',
    );
    expect(await call('asset', '1.0', 'createAsset', 'x', 'bob', '7')).toBe('');
    expect(await call('asset', '1.0', 'createAsset', 'x', 'bob', '7')).toMatch(
      /^500: the asset x already exists/,
    );
    expect(await call('asset', '1.0', 'transferAsset', 'x', 'carol')).toBe('bob');
    expect(await call('asset', '1.0', 'assetExists', 'y')).toBe('false');
    expect(await call('asset', '1.0', 'listAssets')).toBe(
      '[{"id":"asset1","owner":"alice","value":100},{"id":"x","owner":"carol","value":7}]',
    );
    expect(await init('asset', '2.0', 'init', 'nobody')).toBe('');
  });

  it('the kitchen sink answers as the recorded Go chaincode', async () => {
    const { init, call } = await peerWith('test/chaincode/ks');
    expect(await init('ks', '1.0')).toBe('init');
    expect(await call('ks', '1.0', 'echo', 'hello', 'world')).toBe('hello world');
    expect(await call('ks', '1.0', 'put', '', 'x')).toBe('500: key must not be an empty string');
    expect(await call('ks', '1.0', 'put', 'k1', '<1>')).toBe('');
    expect(await call('ks', '1.0', 'incr', 'n')).toBe('1');
    expect(await call('ks', '1.0', 'range', '', '')).toBe('[{"k":"k1","v":"PDE+"},{"k":"n","v":"MQ=="}]');
    expect(await call('ks', '1.0', 'page', 'k', 'z', '1', '')).toBe(
      '{"bookmark":"n","count":1,"list":[{"k":"k1","v":"PDE+"}]}',
    );
    expect(await call('ks', '1.0', 'ckput', '', '["x"]', 'v')).toBe('\0\0x\0');
    expect(await call('ks', '1.0', 'ckrange', '', '[]')).toBe('[{"k":"\\u0000\\u0000x\\u0000","v":"dg=="}]');
    expect(await call('ks', '1.0', 'event', '', 'x')).toBe('500: event name can not be nil string');
    expect(await call('ks', '1.0', 'put', 'a')).toBe('500: put wants 2 arguments, got 1');
    expect(await call('ks', '1.0', 'setvp', 'k1', 'MEMBER', 'Org2MSP,Org1MSP')).toBe('');
    expect(await call('ks', '1.0', 'getvp', 'k1')).toBe(
      '120c120a080212020800120208011a0b12090a074f7267314d53501a0b12090a074f7267324d5350',
    );
    expect(await call('ks', '1.0', 'batch', '[["put","z","1"],["get","z"]]')).toBe('["","MQ=="]');
    expect(await call('ks', '1.0', 'status', '450', 'm', 'p')).toBe('450: m');
    expect(JSON.parse(await call('ks', '1.0', 'info'))).toMatchObject({
      channel: 'mychannel',
      transient: [],
    });
  });
});

describe('the compiled contract', () => {
  it.each(readdirSync(join(root, 'samples/asset-contract/src')))('lib has what %s compiles to', (file) => {
    const source = readFileSync(join(root, 'samples/asset-contract/src', file), 'utf8');
    const compiled = ts.transpileModule(source, {
      fileName: file,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.CommonJS,
        esModuleInterop: true,
        isolatedModules: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
      },
    }).outputText;
    const kept = readFileSync(join(root, 'samples/asset-contract/lib', file.replace(/ts$/, 'js')), 'utf8');
    // Without the imported types the compiler guards what the metadata names; the guards and their variables go.
    const unguarded = compiled
      .replaceAll(
        /typeof \(_\w = typeof ([\w.]+) !== "undefined" && \1\) === "function" \? _\w : Object/g,
        '$1',
      )
      .replace(/^var _a.*\n/m, '');
    expect(kept).toBe(unguarded);
  });
});
