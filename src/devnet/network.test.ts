import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelResourcesFromBlock } from '../channelconfig/bundle.js';
import { loadLocalMsp } from '../msp/localMsp.js';
import { connectionProfile } from './connectionProfile.js';
import { createDevNetwork } from './network.js';
import { peerEnvText } from './peerEnv.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'devnet-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('a development network', () => {
  it('has one organisation, an orderer and mychannel when nothing is asked for', async () => {
    const network = await createDevNetwork({ dir });
    expect(network.created).toBe(true);
    expect(network.channelId).toBe('mychannel');
    expect(network.peerOrgs.map((org) => [org.mspId, org.nodes.map((node) => node.name)])).toEqual([
      ['Org1MSP', ['peer0.org1.example.com']],
    ]);
    const resources = channelResourcesFromBlock(network.genesisBlock);
    expect(resources.channelId).toBe('mychannel');
    expect(resources.application.mspIds).toEqual(['Org1MSP']);
    expect(resources.application.capabilities).toMatchObject({ v142: true, v20: false });
    expect(resources.orderer).toMatchObject({ consensusType: 'solo', batchTimeoutMs: 100 });
    expect(resources.ordererAddresses).toEqual(['127.0.0.1:7050']);
  });

  it('is made once: the second call loads the same keys and the same block', async () => {
    const first = await createDevNetwork({ dir });
    const key = await readFile(first.peerOrgs[0]!.admin.keyFile, 'utf8');
    const second = await createDevNetwork({ dir });
    expect(second.created).toBe(false);
    expect(second.genesisBlock.serializeBinary()).toEqual(first.genesisBlock.serializeBinary());
    expect(await readFile(second.peerOrgs[0]!.admin.keyFile, 'utf8')).toBe(key);
  });

  it('makes a half-written first run anew', async () => {
    const first = await createDevNetwork({ dir });
    await rm(join(dir, 'network.json'));
    await rm(first.genesisFile);
    await writeFile(join(dir, '.unfinished'), '');
    const second = await createDevNetwork({ dir });
    expect(second.created).toBe(true);
    expect(channelResourcesFromBlock(second.genesisBlock).channelId).toBe('mychannel');
    expect((await readdir(dir)).sort()).toEqual([
      'channels',
      'network.json',
      'ordererOrganizations',
      'peerOrganizations',
    ]);
  });

  it('leaves material alone that it did not make', async () => {
    await createDevNetwork({ dir });
    await rm(join(dir, 'network.json'));
    await expect(createDevNetwork({ dir })).rejects.toThrow(/peerOrganizations is there but not made by/);
  });

  it('names the difference when the folder holds another network', async () => {
    await createDevNetwork({ dir });
    await expect(createDevNetwork({ dir, channelId: 'other' })).rejects.toThrow(
      'holds another network: channel mychannel of Org1MSP (peer0), asked for: channel other of Org1MSP (peer0)',
    );
  });

  it('gives members, admins, peers and orderers the roles that policies ask for', async () => {
    const network = await createDevNetwork({
      dir,
      orgs: [{ domain: 'org1.example.com' }, { domain: 'org2.example.com' }],
    });
    const { policies } = channelResourcesFromBlock(network.genesisBlock);
    const signed = async (mspDir: string, mspId: string) => {
      const { signer } = await loadLocalMsp(mspDir, mspId);
      const data = Buffer.from('signed');
      return { data, identity: signer.serialized, signature: await signer.sign(data) };
    };
    const [org1, org2] = network.peerOrgs;
    const user = await signed(org1!.users[0]!.mspDir, 'Org1MSP');
    const admin = await signed(org1!.admin.mspDir, 'Org1MSP');
    const admin2 = await signed(org2!.admin.mspDir, 'Org2MSP');
    const orderer = await signed(network.ordererOrg.nodes[0]!.mspDir, 'OrdererMSP');
    await policies.getPolicy('/Channel/Writers')!.evaluateSignedData([user]);
    await policies.getPolicy('/Channel/Orderer/BlockValidation')!.evaluateSignedData([orderer]);
    await policies.getPolicy('/Channel/Application/Admins')!.evaluateSignedData([admin, admin2]);
    await expect(
      policies.getPolicy('/Channel/Application/Admins')!.evaluateSignedData([user, admin2]),
    ).rejects.toThrow('implicit policy evaluation failed - 1 sub-policies were satisfied');
    await expect(
      policies.getPolicy('/Channel/Orderer/BlockValidation')!.evaluateSignedData([admin]),
    ).rejects.toThrow('implicit policy evaluation failed');
  });

  it('makes TLS certificates for the node, localhost and the hosts asked for, under the TLS CA', async () => {
    const network = await createDevNetwork({ dir, hosts: ['peer.test', '10.1.2.3'] });
    const node = network.peerOrgs[0]!.nodes[0]!;
    const certificate = new X509Certificate(await readFile(node.tls.certFile));
    const ca = new X509Certificate(await readFile(node.tls.caFile));
    for (const host of ['peer0.org1.example.com', 'peer0', 'localhost', 'peer.test']) {
      expect(certificate.checkHost(host), host).toBe(host);
    }
    for (const ip of ['127.0.0.1', '10.1.2.3']) expect(certificate.checkIP(ip)).toBe(ip);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(await readFile(node.tls.keyFile)))).toBe(true);
  });

  it('keeps every file to its owner', async () => {
    await createDevNetwork({ dir });
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      expect([path, (await stat(path)).mode & 0o777]).toEqual([path, entry.isDirectory() ? 0o700 : 0o600]);
    }
    expect(entries.filter((entry) => entry.name === 'priv_sk').length).toBe(4 + 5);
  });
});

describe('what clients are given', () => {
  it('is a connection profile with embedded certificates', async () => {
    const network = await createDevNetwork({ dir });
    const organisation = network.peerOrgs[0]!;
    const profile = await connectionProfile({
      network,
      organisation,
      addresses: new Map([
        ['peer0.org1.example.com', '127.0.0.1:7051'],
        ['orderer.example.com', '127.0.0.1:7050'],
      ]),
    });
    expect(profile.client.organization).toBe('Org1');
    expect(profile.organizations).toEqual({ Org1: { mspid: 'Org1MSP', peers: ['peer0.org1.example.com'] } });
    expect(profile.peers['peer0.org1.example.com']).toEqual({
      url: 'grpcs://127.0.0.1:7051',
      grpcOptions: {
        'ssl-target-name-override': 'peer0.org1.example.com',
        hostnameOverride: 'peer0.org1.example.com',
      },
      tlsCACerts: { pem: await readFile(organisation.tlsCaFile, 'utf8') },
    });
    expect(profile.channels['mychannel']?.orderers).toEqual(['orderer.example.com']);
  });

  it('is an environment that a shell reads, whatever the folder is called', async () => {
    const network = await createDevNetwork({ dir: join(dir, "it's here") });
    const organisation = network.peerOrgs[0]!;
    const text = peerEnvText({ network, organisation, peerAddress: '127.0.0.1:7051' });
    expect(text).toContain("export CORE_PEER_LOCALMSPID='Org1MSP'\n");
    expect(text).toContain("export CORE_PEER_ADDRESS='127.0.0.1:7051'\n");
    expect(text).toContain(
      `export CORE_PEER_MSPCONFIGPATH='${dir}/it'\\''s here/peerOrganizations/org1.example.com/users/Admin@org1.example.com/msp'\n`,
    );
  });
});
