import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { AgentOptions, RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { LauncherError, wrap } from '../../errors.js';
import type { AccessOptions, ClusterAccess } from './clusterAccess.js';

/** Access by a kubeconfig: certificates, tokens, exec plugins and OIDC, as the Kubernetes client reads them. */
export async function kubeconfigAccess(options: AccessOptions): Promise<ClusterAccess> {
  const config = load(options);
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new LauncherError('the kubeconfig has no current context with a cluster: give --context');
  const first = await requestOptions(config);
  return {
    server: cluster.server.replace(/\/$/, ''),
    namespace: config.getContextObject(config.currentContext)?.namespace ?? 'default',
    tls: tlsOf(first),
    async authorization(): Promise<string | undefined> {
      // Exec plugins and token files are asked again when what they gave has run out; the client sees to that.
      const { headers, auth } = await requestOptions(config);
      if (typeof auth === 'string') return `Basic ${Buffer.from(auth).toString('base64')}`;
      const given = (headers as Record<string, unknown> | undefined)?.['Authorization'];
      return typeof given === 'string' ? given : undefined;
    },
  };
}

function load({ kubeconfig, context }: AccessOptions): KubeConfig {
  const config = new KubeConfig();
  const files =
    [kubeconfig, process.env['KUBECONFIG'], join(homedir(), '.kube', 'config')].find(Boolean) ?? '';
  const found = files.split(delimiter).filter((file) => file !== '' && existsSync(file));
  const [first, ...more] = found;
  if (first === undefined) {
    const inPod = process.env['KUBERNETES_SERVICE_HOST'] !== undefined;
    throw new LauncherError(
      inPod
        ? `this Pod has no service account token, and there is no kubeconfig at ${files}: set automountServiceAccountToken: true in its spec, or give --kubeconfig`
        : `no kubeconfig at ${files}, and this is no Pod of a cluster: give --kubeconfig or set KUBECONFIG`,
    );
  }
  try {
    config.loadFromFile(first);
    for (const file of more) {
      const next = new KubeConfig();
      next.loadFromFile(file);
      config.mergeConfig(next, true);
    }
  } catch (error) {
    throw wrap(`kubeconfig ${found.join(delimiter)} cannot be read`, error);
  }
  if (context) {
    if (!config.getContextObject(context)) {
      const names = config.getContexts().map(({ name }) => name);
      throw new LauncherError(`the kubeconfig has no context "${context}"; it has: ${names.join(', ')}`);
    }
    config.setCurrentContext(context);
  }
  return config;
}

async function requestOptions(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return options;
}

function tlsOf({
  ca,
  cert,
  key,
  pfx,
  passphrase,
  rejectUnauthorized,
  servername,
}: RequestOptions): AgentOptions {
  return Object.fromEntries(
    Object.entries({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }).filter(
      ([, value]: [string, unknown]) => value !== undefined && value !== null,
    ),
  );
}
