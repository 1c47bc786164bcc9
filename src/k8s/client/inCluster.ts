import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { LauncherError, wrap } from '../../errors.js';
import type { ClusterAccess } from './clusterAccess.js';

const folder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Tokens are renewed by the kubelet in their file; this is how old what we have read may become. */
const tokenAgeMs = 60_000;

export interface InClusterOptions {
  /** @default the place where the kubelet puts them */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** Does this process run in a Pod with a service account token? */
export function isInCluster(): boolean {
  return process.env['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(`${folder}/token`);
}

/** Access of a Pod by its service account. */
export async function inClusterAccess(options: InClusterOptions = {}): Promise<ClusterAccess> {
  const from = options.folder ?? folder;
  const env = options.env ?? process.env;
  const now = options.now ?? ((): number => performance.now());
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (!host) throw new LauncherError('KUBERNETES_SERVICE_HOST is not set: this is no Pod of a cluster');
  let token: { readonly text: string; readonly readAt: number } | undefined;
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace: (await read(`${from}/namespace`)).trim(),
    tls: { ca: await read(`${from}/ca.crt`) },
    async authorization(renew): Promise<string> {
      if (!token || renew || now() - token.readAt > tokenAgeMs) {
        token = { text: (await read(`${from}/token`)).trim(), readAt: now() };
      }
      return `Bearer ${token.text}`;
    },
  };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw wrap('the service account of this Pod cannot be read', error);
  }
}
