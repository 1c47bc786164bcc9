import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const up = resolve(import.meta.dirname, '../../e2e/cluster/up');
const state = process.env['CLUSTER_STATE'] ?? '/var/lib/chaincode-cluster';

/** Only the local cluster lets a test end its parts. */
export function ownsControlPlane(): boolean {
  if (process.env['E2E_CLUSTER'] === 'local') return true;
  process.stderr.write(
    'SKIPPED: faults of the control plane: only the local cluster may be broken (make e2e-k8s)\n',
  );
  return false;
}

export function signalComponent(
  name: 'kube-apiserver' | 'etcd',
  signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT',
): void {
  const [pid] = readFileSync(`${state}/pids/${name}`, 'utf8').split(' ');
  process.kill(Number(pid), signal);
}

/** Starts what does not run. */
export function repairCluster(): void {
  const { status, stderr } = spawnSync(up, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the cluster does not come back: ${stderr}`);
}
