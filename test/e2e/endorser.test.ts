import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { freePorts, type DevPorts } from '../../src/app/devPorts.js';
import { createDevNetwork, type DevNetwork } from '../../src/devnet/network.js';
import { peerEnvironment } from '../../src/devnet/peerEnv.js';
import { eventually } from '../support/eventually.js';
import { RunningProgram, runProgram } from '../support/program.js';

const kvRaw = resolve(import.meta.dirname, '../../samples/kv-raw');

describe('two endorsers and an orderer, each a program by itself', () => {
  const dir = mkdtempSync(join(tmpdir(), 'endorsers-'));
  const clientConfig = join(dir, 'client');
  const running = new Map<string, RunningProgram>();
  let network: DevNetwork;
  let ports: DevPorts[];

  beforeAll(async () => {
    ports = await Promise.all([freePorts(), freePorts()]);
    network = await createDevNetwork({
      dir: join(dir, 'network'),
      orgs: [{ domain: 'org1.example.com' }, { domain: 'org2.example.com' }],
      ordererAddresses: [`127.0.0.1:${ports[0]!.orderer}`],
      batch: { timeout: '200ms' },
    });
    mkdirSync(clientConfig);
    writeFileSync(join(clientConfig, 'core.yaml'), 'peer: {}\n');
    await startOrderer();
    await startEndorser(0, ['--join', network.genesisFile]);
    await startEndorser(1);
  }, 60_000);

  afterAll(async () => {
    for (const one of running.values()) await one.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function startOrderer(): Promise<void> {
    const node = network.ordererOrg.nodes[0]!;
    const args = [
      ...['orderer', '--data', join(dir, 'orderer'), '--genesis-block', join(network.dir, 'channels')],
      ...['--msp', node.mspDir, '--msp-id', 'OrdererMSP', '--listen', `127.0.0.1:${ports[0]!.orderer}`],
      ...[
        '--tls-cert',
        node.tls.certFile,
        '--tls-key',
        node.tls.keyFile,
        '--operations-address',
        '127.0.0.1:0',
      ],
    ];
    running.set('orderer', await RunningProgram.start(args, 'orderer started'));
  }

  /** With nothing but a core.yaml, as `peer node start`. */
  async function startEndorser(index: number, more: string[] = []): Promise<void> {
    const { mspId, nodes } = network.peerOrgs[index]!;
    const node = nodes[0]!;
    const { peer, chaincode, operations } = ports[index]!;
    const folder = join(dir, node.name);
    mkdirSync(folder, { recursive: true });
    const core = {
      peer: {
        id: node.name,
        localMspId: mspId,
        mspConfigPath: node.mspDir,
        fileSystemPath: join(folder, 'data'),
        listenAddress: `127.0.0.1:${peer}`,
        address: `127.0.0.1:${peer}`,
        chaincodeListenAddress: `127.0.0.1:${chaincode}`,
        tls: {
          enabled: true,
          cert: { file: node.tls.certFile },
          key: { file: node.tls.keyFile },
          rootcert: { file: node.tls.caFile },
        },
      },
      operations: { listenAddress: `127.0.0.1:${operations}` },
      metrics: { provider: 'prometheus' },
    };
    writeFileSync(join(folder, 'core.yaml'), stringify(core));
    const args = ['endorser', '--config', folder, ...more];
    running.set(node.name, await RunningProgram.start(args, `endorser ${node.name} started`));
  }

  /** A command of the CLI as the administrator of one of the organisations. */
  async function cli(index: number, ...args: string[]): Promise<string> {
    const organisation = network.peerOrgs[index]!;
    const env = peerEnvironment({
      network,
      organisation,
      peerAddress: `127.0.0.1:${ports[index]!.peer}`,
      ordererAddress: `127.0.0.1:${ports[0]!.orderer}`,
    });
    const { code, stdout, stderr } = await runProgram(args, {
      ...Object.fromEntries(env),
      FABRIC_CFG_PATH: clientConfig,
    });
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  const kv = ['-C', 'mychannel', '-n', 'kv'];
  const get = ['chaincode', 'query', ...kv, '-c', '{"Args":["get","a"]}'];
  const put = (value: string): string[] => [
    ...['chaincode', 'invoke', ...kv, '-c', JSON.stringify({ Args: ['put', 'a', value] }), '--waitForEvent'],
  ];

  it('joins by flag, and by the CLI', async () => {
    expect(await cli(0, 'channel', 'list', '--output', 'json')).toBe('["mychannel"]');
    expect(await cli(1, 'channel', 'list', '--output', 'json')).toBe('[]');
    await cli(1, 'channel', 'join', '-b', network.genesisFile);
    expect(await cli(1, 'channel', 'list', '--output', 'json')).toBe('["mychannel"]');
  });

  it('commits on both what one has endorsed', async () => {
    await cli(0, 'chaincode', 'install', '-l', 'node', '-n', 'kv', '-v', '1.0', '-p', kvRaw);
    // What the one keeps can be installed on the other: docs/migrating.md tells so.
    await cli(1, 'chaincode', 'install', join(dir, 'peer0.org1.example.com', 'data', 'chaincodes', 'kv.1.0'));
    const init = '{"Args":["init","a","100"]}';
    await cli(0, 'chaincode', 'instantiate', ...kv, '-v', '1.0', '-c', init, '--waitForEvent');
    await eventuallyQuery(1, '100');
    await cli(0, ...put('90'));
    await eventuallyQuery(1, '90');
  }, 120_000);

  it('goes on when the orderer was away', async () => {
    await running.get('orderer')!.stop('SIGKILL');
    const log = running.get('peer0.org2.example.com')!;
    await eventually('the endorser tells', () => log.log.includes('cannot go on with block'));
    await expect(cli(0, ...put('80'))).rejects.toThrow('connection refused');
    await startOrderer();
    await cli(0, ...put('70'));
    await eventuallyQuery(1, '70');
  }, 60_000);

  it('comes back with its channels, and joins nothing twice', async () => {
    expect(await running.get('peer0.org1.example.com')!.stop()).toBe(0);
    await startEndorser(0, ['--join', join(network.dir, 'channels')]);
    expect(await cli(0, ...get)).toBe('70');
  }, 60_000);

  it('says which file is no genesis block', async () => {
    const core = join(dir, 'peer0.org1.example.com');
    const { code, stderr } = await runProgram(
      ['endorser', '--config', core, '--join', join(core, 'core.yaml')],
      {},
    );
    expect(code).toBe(1);
    expect(stderr).toContain('core.yaml is not a genesis block');
  });

  async function eventuallyQuery(index: number, value: string): Promise<void> {
    let last = '';
    for (const end = Date.now() + 15_000; Date.now() < end;) {
      last = await cli(index, ...get).catch((error: unknown) => String(error));
      if (last === value) return;
    }
    throw new Error(`endorser ${index} does not have ${value}: ${last}`);
  }
});
