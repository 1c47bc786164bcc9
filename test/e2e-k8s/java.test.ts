import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Namespace } from './support/kubectl.js';
import { K8sNetwork } from './support/network.js';
import { OperatorProcess } from './support/operator.js';

const source = resolve(import.meta.dirname, '../chaincode/java');
const image = process.env['E2E_JAVA_IMAGE'] ?? '';

/** The image is made from this machine's JDK and Maven. */
function wantsJava(): boolean {
  const there = ['javac', 'mvn'].every((program) => spawnSync(program, ['-version']).status === 0);
  if ((there && image !== '') || process.env['CI']) return true;
  process.stderr.write(
    'SKIPPED: Java chaincode in Pods: there is no JDK with Maven to make its image from\n',
  );
  return false;
}

describe.runIf(wantsJava())('Java chaincode in Pods', () => {
  const namespace = new Namespace('java');
  const operator = new OperatorProcess(namespace.name);
  const network = new K8sNetwork(namespace, {
    kubernetes: {
      java: {
        buildCommand: [
          'cp -R /m2 /tmp/m2',
          'cp -R /chaincode/input/src /tmp/src',
          'cd /tmp/src',
          'mvn -o -B -q -Dmaven.repo.local=/tmp/m2 package -DskipTests -Dmaven.test.skip=true',
          'cp target/chaincode.jar /chaincode/output/',
        ].join(' && '),
        mountPath: '/chaincode/jar',
        command: 'exec java -jar /chaincode/jar/chaincode.jar --peerAddress {address}',
      },
      pod: { resources: { requests: { memory: '128Mi' }, limits: { memory: '1Gi' } } },
    },
    chaincode: { java: { runtime: image } },
  });

  beforeAll(async () => {
    await namespace.create();
    await operator.start();
    await network.start();
  }, 120_000);

  afterAll(async () => {
    await network.remove();
    await operator.stop();
    await namespace.remove();
  }, 120_000);

  it('is built by Maven, registers, and answers', async () => {
    await network.install('jkv', source, '1.0', 'java');
    const { code, stderr } = await network.instantiate('jkv');
    expect([code, stderr]).toEqual([0, expect.stringContaining('VALID')]);
    await network.invoke('jkv', 'put', 'a', '5');
    expect((await network.query('jkv', 'get', 'a')).stdout).toBe('5');
  }, 180_000);
});
