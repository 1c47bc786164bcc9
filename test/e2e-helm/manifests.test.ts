import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply, Namespace } from '../e2e-k8s/support/kubectl.js';
import { manifest } from '../e2e-k8s/support/manifests.js';

import { Volumes } from './support/volumes.js';
import { runCommand } from '../support/command.js';

describe('the manifests for kubectl alone', () => {
  const namespace = new Namespace('manifests');
  const volumes = new Volumes();

  beforeAll(async () => {
    await namespace.create();
    await volumes.offer(1);
  });

  afterAll(async () => {
    await namespace.remove();
    await volumes.remove();
  });

  it('are what the chart gives', async () => {
    const { code, stdout, stderr } = await runCommand(
      resolve(import.meta.dirname, '../../scripts/manifests'),
      ['--check'],
    );
    expect(`${stdout}${stderr}`).toBe('');
    expect(code).toBe(0);
  });

  it('start a network to try', async () => {
    apply(namespace.name, manifest('trial.yaml'));
    for (const name of [
      'statefulset/chaincode-launcher-endorser',
      'deployment/chaincode-launcher-operator',
    ]) {
      await namespace.kubectl('rollout', 'status', name, '--timeout=90s');
    }
    const exec = ['exec', 'chaincode-launcher-endorser-0', '--', 'chaincode-launcher'];
    const text = await namespace.kubectl(...exec, 'chaincode', 'list', '--instantiated', '-C', 'mychannel');
    expect(text).toContain('Get instantiated chaincodes on channel mychannel:');
  });
});
