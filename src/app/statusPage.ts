import { hostname } from 'node:os';
import { readAssets } from '../k8s/statusPage/assets.js';
import { createStatusPage } from '../k8s/statusPage/server.js';
import type { LaunchSource } from '../k8s/statusPage/source.js';
import { listenOn } from './listen.js';

export interface StatusPageParts {
  /** host:port */
  readonly address: string;
  readonly source: LaunchSource;
  /** Absent = all namespaces. */
  readonly namespace?: string;
}

/** Starts the operator's status page. Returns where it listens. */
export async function startStatusPage({
  address,
  source,
  namespace,
}: StatusPageParts): Promise<{ address: string; stop(): Promise<void> }> {
  const server = createStatusPage({
    source,
    assets: await readAssets(),
    replica: hostname(),
    ...(namespace !== undefined && { namespace }),
  });
  const bound = await listenOn(server, address, '--status-page');
  return { address: bound, stop: () => server.close() };
}
