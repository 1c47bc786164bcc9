import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { CommandResult } from '../../support/command.js';
import { Namespace, tryKubectl, type Shown } from '../../e2e-k8s/support/kubectl.js';
import { kvRaw } from '../../e2e-k8s/support/network.js';
import { writePackage } from '../../support/madePackage.js';
import { TestPrometheus } from '../../support/prometheus.js';
import { Release } from './helm.js';
import { Volumes } from './volumes.js';

const root = resolve(import.meta.dirname, '../../..');

interface ScrapeConfig {
  readonly job_name: string;
  readonly kubernetes_sd_configs?: readonly object[];
}

/** A release on the cluster, and a Prometheus of this machine that finds and scrapes its Pods as docs/monitoring.md says. */
export class MonitoredRelease {
  readonly namespace = new Namespace('monitored');
  readonly #release = new Release('ccl', this.namespace);
  readonly #volumes = new Volumes();
  readonly #folder = mkdtempSync(join(tmpdir(), 'monitored-release-'));
  #prometheus: TestPrometheus | undefined;

  /** Its endorser gives up a launch after 60 s and a call after 2 s. @param interval between two scrapes */
  async start(interval = '1s'): Promise<void> {
    await this.namespace.create();
    await this.#volumes.offer(1);
    const chaincode = { startuptimeout: '60s', executetimeout: '2s' };
    await this.#release.install({ endorser: { config: { chaincode } } });
    const ports = (await this.namespace.list('pods')).flatMap((pod) => portsOf(this.namespace.name, pod));
    const settings = {
      scrape_configs: documentedScrapeConfigs().map(({ kubernetes_sd_configs: _none, ...config }) => ({
        ...config,
        scrape_interval: interval,
        scrape_timeout: interval,
        static_configs: ports,
      })),
      rule_files: [join(root, 'deploy/monitoring/alerts.yaml')],
    };
    // The endorser, and two operators.
    this.#prometheus = await TestPrometheus.with(settings, 3);
  }

  get prometheus(): string {
    if (!this.#prometheus) throw new Error('the Prometheus has not been started');
    return this.#prometheus.url;
  }

  /** Launches the sample under a name of its own. */
  async deploy(name: string): Promise<void> {
    const { code, stderr } = await this.#deployFrom(kvRaw, name);
    if (code !== 0) throw new Error(`${name} was not instantiated: ${stderr}`);
  }

  /** Launches a chaincode whose program is `code`: it must fail. Gives what the client is told. */
  async failToDeploy(name: string, code: string): Promise<string> {
    const { code: exit, stderr } = await this.#deployFrom(writePackage(join(this.#folder, name), code), name);
    if (exit !== 1) throw new Error(`${name} ended with ${exit}`);
    return stderr;
  }

  /** Launches the sample, whose Init refuses its arguments. */
  async refuse(name: string): Promise<void> {
    const { code } = await this.#deployFrom(kvRaw, name, ['init', 'key without value']);
    if (code !== 1) throw new Error(`${name} ended with ${code}`);
  }

  async #deployFrom(path: string, name: string, args = ['init', 'a', '100']): Promise<CommandResult> {
    await this.namespace.kubectl('cp', path, `ccl-endorser-0:/tmp/${name}`);
    const version = ['-n', name, '-v', '1.0'];
    await this.#release.cli('chaincode', 'install', '-l', 'node', ...version, '-p', `/tmp/${name}`);
    return this.cli('instantiate', ...version, '-c', JSON.stringify({ Args: args }), '--waitForEvent');
  }

  invoke(name: string, ...args: string[]): Promise<CommandResult> {
    return this.cli('invoke', '-n', name, '-c', JSON.stringify({ Args: args }), '--waitForEvent');
  }

  query(name: string, ...args: string[]): Promise<CommandResult> {
    return this.cli('query', '-n', name, '-c', JSON.stringify({ Args: args }));
  }

  /** A chaincode command on the trial's channel. */
  cli(command: string, ...args: string[]): Promise<CommandResult> {
    const exec = ['-n', this.namespace.name, 'exec', 'ccl-endorser-0', '--', 'chaincode-launcher'];
    return tryKubectl(...exec, 'chaincode', command, '-C', 'mychannel', ...args);
  }

  async remove(): Promise<void> {
    await this.#prometheus?.remove();
    await this.namespace.remove();
    await this.#volumes.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * The ports of a Pod as Prometheus finds them: Debian's is built without the discovery of Kubernetes, so they are given to it
 * with the labels that it would have put on them.
 */
function portsOf(namespace: string, { metadata, spec, status }: Shown): object[] {
  const labels = Object.entries(metadata.labels ?? {}).map(([name, value]): [string, string] => [
    `__meta_kubernetes_pod_label_${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`,
    value,
  ]);
  const ports = (spec.containers as { ports?: { name: string; containerPort: number }[] }[]).flatMap(
    (container) => container.ports ?? [],
  );
  return ports.map(({ name, containerPort }) => ({
    targets: [`${status.podIP}:${containerPort}`],
    labels: {
      ...Object.fromEntries(labels),
      __meta_kubernetes_namespace: namespace,
      __meta_kubernetes_pod_name: metadata.name,
      __meta_kubernetes_pod_container_port_name: name,
    },
  }));
}

/** What docs/monitoring.md tells people to write for a cluster. */
function documentedScrapeConfigs(): ScrapeConfig[] {
  const text = readFileSync(join(root, 'docs/monitoring.md'), 'utf8');
  return [...text.matchAll(/```yaml\n(.*?)```/gs)]
    .flatMap(([, yaml = '']) => (parse(yaml) as { scrape_configs: ScrapeConfig[] }).scrape_configs)
    .filter((config) => config.kubernetes_sd_configs !== undefined);
}
