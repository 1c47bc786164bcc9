import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const program = resolve(import.meta.dirname, '../../dist/main.js');
const folder = mkdtempSync(join(tmpdir(), 'kubernetes-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the built program without any cluster; gives exit code and what it said. */
function run(
  args: readonly string[],
  env: Record<string, string> = {},
): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
  });
  return { code: status, text: stdout + stderr };
}

const dev = (...more: string[]): string[] => [
  'dev',
  '--data',
  join(folder, 'net'),
  '--ports',
  'free',
  '--vm',
  'kubernetes',
  ...more,
];

describe('settings for Kubernetes that cannot work', () => {
  it('are refused when Pods could not reach the peer', () => {
    const { code, text } = run(dev());
    expect(code).toBe(1);
    expect(text).toMatch(
      /Error: peer\.chaincodeAddress 127\.0\.0\.1:\d+ cannot be reached from a Pod: set peer\.chaincodeAddress/,
    );
  });

  it('are refused without a kubeconfig, with the place that was looked at', () => {
    const { code, text } = run(dev('--host', '127.0.0.2'));
    expect(code).toBe(1);
    expect(text).toContain(
      `Error: no kubeconfig at ${join(folder, '.kube', 'config')}, and this is no Pod of a cluster`,
    );
  });

  it('are refused in a Pod without a token, with what its spec is to have', () => {
    const { code, text } = run(dev('--host', '127.0.0.2'), { KUBERNETES_SERVICE_HOST: '127.0.0.1' });
    expect(code).toBe(1);
    expect(text).toContain('Error: this Pod has no service account token, and there is no kubeconfig at');
    expect(text).toContain('set automountServiceAccountToken: true in its spec');
  });

  it('are refused with the key that is wrong', () => {
    const config = join(folder, 'core.yaml');
    writeFileSync(config, 'vm:\n  kubernetes:\n    pod: { resources: { limits: { memory: 12 cats } } }\n');
    const { code, text } = run(dev('--host', '127.0.0.2', '--config', config));
    expect(code).toBe(1);
    expect(text).toContain('vm.kubernetes.pod.resources.limits.memory');
  });

  it('of the operator are refused with the flag that is wrong', () => {
    const times = run(['operator', '--image', 'x', '--renew-deadline', '20s']);
    expect(times.code).toBe(1);
    expect(times.text).toContain('the renew deadline (20s) must be less than the lease duration (15s)');
    expect(run(['operator', '--image', 'x', '--workers', 'many']).text).toContain(
      '--workers many: must be a number above 0',
    );
    expect(run(['operator']).text).toContain("required option '--image <ref>' not specified");
  });

  it('of the fetcher say who runs it', () => {
    const { code, text } = run(['fetch']);
    expect(code).toBe(1);
    expect(text).toContain("CHAINCODE_LAUNCHER_URL is not set: this command is run by the operator's Pods");
    expect(run(['fetch', '--help']).text).toContain('Example:');
  });
});
