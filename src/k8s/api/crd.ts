import { group, version } from './chaincodeLaunch.js';
import { specSchema, statusSchema } from './schema.js';

type Json = Readonly<Record<string, unknown>>;

/** The CustomResourceDefinition as it is installed; deploy/crds/ holds it as YAML. */
export function launchCrd(): Json {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `chaincodelaunches.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: 'ChaincodeLaunch',
        listKind: 'ChaincodeLaunchList',
        plural: 'chaincodelaunches',
        singular: 'chaincodelaunch',
        shortNames: ['ccl'],
        categories: ['fabric'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description:
                'A launch of one Hyperledger Fabric chaincode for one endorsing peer: the operator runs it in a Pod, the endorser reports its registration.',
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: structural(specSchema),
                status: structural(statusSchema),
              },
            },
          },
        },
      ],
    },
  };
}

const columns = [
  { name: 'Chaincode', type: 'string', jsonPath: '.spec.chaincode.name' },
  { name: 'Version', type: 'string', jsonPath: '.spec.chaincode.version' },
  { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Pod', type: 'string', jsonPath: '.status.pod.name' },
  { name: 'Exit', type: 'integer', jsonPath: '.status.exit.code' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Peer', type: 'string', jsonPath: '.spec.peer.id', priority: 1 },
  { name: 'Launch', type: 'integer', jsonPath: '.spec.launch', priority: 1 },
  { name: 'Reason', type: 'string', jsonPath: '.status.reason', priority: 1 },
];

/** The schema in the form that the API server takes: `enum` with a type, no JSON schema words that it refuses. */
function structural(schema: unknown): Json {
  if (typeof schema !== 'object' || schema === null) return {};
  const node = schema as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties') {
      result[key] = Object.fromEntries(
        Object.entries(value as object).map(([name, child]) => [name, structural(child)]),
      );
    } else if (key === 'items' || key === 'additionalProperties') {
      result[key] = typeof value === 'object' ? structural(value) : value;
    } else {
      result[key] = value;
    }
  }
  if (Array.isArray(node['enum']) && node['type'] === undefined) result['type'] = 'string';
  // Fields with a default are filled in by the API server: nobody has to give them.
  const properties = result['properties'] as Record<string, Json> | undefined;
  if (properties && Array.isArray(result['required'])) {
    const required = (result['required'] as string[]).filter(
      (name) => !('default' in (properties[name] ?? {})),
    );
    if (required.length > 0) result['required'] = required;
    else delete result['required'];
  }
  return result;
}
