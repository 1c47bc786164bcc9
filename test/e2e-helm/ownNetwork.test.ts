import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevNode } from '../../src/devnet/layout.js';
import { createDevNetwork, type DevNetwork } from '../../src/devnet/network.js';
import { Namespace } from '../e2e-k8s/support/kubectl.js';
import { Release } from './support/helm.js';
import { Volumes } from './support/volumes.js';

describe('an endorser of an own network', () => {
  const dir = mkdtempSync(join(tmpdir(), 'own-network-'));
  const namespace = new Namespace('own');
  const release = new Release('org1', namespace);
  const volumes = new Volumes();
  let network: DevNetwork;

  beforeAll(async () => {
    await namespace.create();
    await volumes.offer(2);
    // Any other tool may make this material: cryptogen, a Fabric CA, configtxgen.
    const orderer = `org1-orderer.${namespace.name}.svc`;
    const endorser = `org1-endorser-0.org1-endorser-pods.${namespace.name}.svc`;
    network = await createDevNetwork({
      dir,
      hosts: [orderer, endorser],
      ordererAddresses: [`${orderer}:7050`],
      batch: { timeout: '200ms' },
    });
    const org = network.peerOrgs[0]!;
    const { ordererOrg } = network;
    await mspSecret('endorser-msp', org.nodes[0]!.mspDir, org.nodes[0]!.name, org.domain);
    await mspSecret('orderer-msp', ordererOrg.nodes[0]!.mspDir, ordererOrg.nodes[0]!.name, ordererOrg.domain);
    await mspSecret('admin', org.admin.mspDir, org.admin.name, org.domain, [
      `orderer-tls-ca.pem=${ordererOrg.nodes[0]!.tls.caFile}`,
    ]);
    await tlsSecret('endorser-tls', org.nodes[0]!);
    await tlsSecret('orderer-tls', ordererOrg.nodes[0]!);
    await namespace.kubectl(
      'create',
      'configmap',
      'channels',
      `--from-file=mychannel.block=${network.genesisFile}`,
    );
    await release.install({
      endorser: {
        trial: { enabled: false },
        localMspId: 'Org1MSP',
        msp: { secretName: 'endorser-msp' },
        tls: { secretName: 'endorser-tls' },
        channels: { configMapName: 'channels' },
      },
      orderer: {
        enabled: true,
        localMspId: 'OrdererMSP',
        msp: { secretName: 'orderer-msp' },
        tls: { secretName: 'orderer-tls' },
        genesisBlocks: { configMapName: 'channels' },
      },
      tests: { adminMspSecretName: 'admin', channel: 'mychannel' },
    });
  });

  afterAll(async () => {
    await namespace.remove();
    await volumes.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  /** An MSP folder of cryptogen's layout with the chart's flat keys. */
  async function mspSecret(
    secret: string,
    mspDir: string,
    name: string,
    domain: string,
    more: readonly string[] = [],
  ): Promise<void> {
    const files = [
      `cert.pem=${mspDir}/signcerts/${name}-cert.pem`,
      `key.pem=${mspDir}/keystore/priv_sk`,
      `cacert.pem=${mspDir}/cacerts/ca.${domain}-cert.pem`,
      `tlscacert.pem=${mspDir}/tlscacerts/tlsca.${domain}-cert.pem`,
      ...more,
    ];
    // The folder's config.yaml names its CA certificate by file.
    const config = (await readFile(join(mspDir, 'config.yaml'), 'utf8')).replaceAll(
      `cacerts/ca.${domain}-cert.pem`,
      'cacerts/cacert.pem',
    );
    const args = files.map((file) => `--from-file=${file}`);
    await namespace.kubectl(
      'create',
      'secret',
      'generic',
      secret,
      ...args,
      `--from-literal=config.yaml=${config}`,
    );
  }

  async function tlsSecret(secret: string, { tls }: DevNode): Promise<void> {
    const files = [`tls.crt=${tls.certFile}`, `tls.key=${tls.keyFile}`, `ca.crt=${tls.caFile}`];
    await namespace.kubectl(
      'create',
      'secret',
      'generic',
      secret,
      ...files.map((file) => `--from-file=${file}`),
    );
  }

  it('joins its channel, takes blocks from the orderer and launches chaincode', async () => {
    const text = await release.helm('test', '--timeout', '90s', '--logs');
    expect(text).toContain('the counter was 0 and is 1');
    const [launch] = await namespace.launches();
    expect(launch!.spec.peer).toMatchObject({
      id: 'org1-endorser-0',
      mspID: 'Org1MSP',
      address: `org1-endorser-0.org1-endorser-pods.${namespace.name}.svc:7052`,
    });
  });

  it('goes on after orderer and endorser were replaced', async () => {
    await namespace.kubectl('delete', 'pod', 'org1-orderer-0', 'org1-endorser-0', '--wait=true');
    for (const name of ['org1-orderer', 'org1-endorser']) {
      const args = ['rollout', 'status', `statefulset/${name}`, '--timeout=60s'];
      const { code, stderr } = await namespace.try(...args);
      const { stdout } = await namespace.try('logs', `${name}-0`, '--tail=20');
      expect(code, `${stderr}\n${stdout}`).toBe(0);
    }
    const text = await release.helm('test', '--timeout', '90s', '--logs');
    expect(text).toContain('the counter was 1 and is 2');
  });
});
