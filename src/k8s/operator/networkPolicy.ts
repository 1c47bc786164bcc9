import { isIP } from 'node:net';
import { labels, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { KubeObject, OwnerReference } from '../client/objects.js';
import { chaincodeLaunches } from '../api/chaincodeLaunch.js';

export interface NetworkPolicy extends KubeObject {
  readonly spec: object;
}

/**
 * The policy of one endorser: its chaincode reaches the endorser's chaincode and artifact ports and DNS, and nobody reaches the
 * chaincode. Builds are left out: they fetch from registries. The first of the launches owns it; when that one goes the next
 * one takes it over, so that it goes with the last.
 */
export function peerNetworkPolicy(
  peer: string,
  launches: readonly ChaincodeLaunch[],
): (NetworkPolicy & { metadata: { name: string; namespace: string } }) | undefined {
  const [first] = launches;
  if (!first) return undefined;
  return {
    metadata: {
      name: `chaincode-launcher-${peer}`,
      namespace: first.metadata.namespace ?? '',
      labels: { 'app.kubernetes.io/managed-by': 'chaincode-launcher', [labels.peer]: peer },
      ownerReferences: [ownerRef(first)],
    },
    spec: {
      podSelector: { matchLabels: { [labels.peer]: peer, [labels.role]: 'chaincode' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [
        ...unique(launches.flatMap(endpointsOf)).map((endpoint) =>
          toEndpoint(endpoint, first.spec.peer.podLabels),
        ),
        {
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
      ],
    },
  };
}

/** Not a controller reference: the policy serves others too. */
function ownerRef({ metadata }: ChaincodeLaunch): OwnerReference {
  const { apiVersion, kind } = chaincodeLaunches;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' };
}

function endpointsOf({ spec }: ChaincodeLaunch): string[] {
  const url = spec.source.artifacts?.url;
  return [spec.peer.address, ...(url === undefined ? [] : [new URL(url).host])];
}

/** A name cannot stand in a policy: the endorser's Pods do, or where they are not known only the port is limited. */
function toEndpoint(endpoint: string, podLabels: Readonly<Record<string, string>> | undefined): object {
  const cut = endpoint.lastIndexOf(':');
  const host = endpoint.slice(0, cut).replace(/^\[(.*)\]$/, '$1');
  const port = Number(endpoint.slice(cut + 1));
  const to = isIP(host)
    ? [{ ipBlock: { cidr: `${host}/${isIP(host) === 6 ? 128 : 32}` } }]
    : podLabels && [{ podSelector: { matchLabels: podLabels } }];
  return { ...(to && { to }), ports: [{ protocol: 'TCP', port }] };
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
