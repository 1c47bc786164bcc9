import { describe, expect, it } from 'vitest';
import {
  findCircle,
  loadedWith,
  readImportGraph,
  sourceFiles,
  type ImportEdge,
} from '../support/importGraph.js';

/**
 * The house from cellar to door (README, "How the code is laid out"): a folder may import from its own line's
 * folders only where they are the same folder, and from folders on the lines before it.
 */
const floors: readonly (readonly string[])[] = [
  ['errors.ts'],
  ['protos'],
  ['ops'],
  ['config', 'grpc'],
  ['msp'],
  ['policies'],
  ['channelconfig'],
  ['packages'],
  ['ledger'],
  ['launcher'],
  ['k8s'],
  ['chaincode'],
  ['acl'],
  ['scc'],
  ['endorser', 'validation'],
  ['peer'],
  ['deliver'],
  ['ordering'],
  ['devnet'],
  ['cli'],
  ['app'],
  ['main.ts', 'kubectlChaincode.ts'],
];

const edges = readImportGraph();
const roomOf = (file: string): string => file.split('/')[0] ?? file;
const floorOf = (file: string): number => floors.findIndex((rooms) => rooms.includes(roomOf(file)));

describe('the import graph', () => {
  it('knows every folder of src', () => {
    expect(sourceFiles().filter((file) => floorOf(file) < 0)).toEqual([]);
  });

  it('never points back up', () => {
    const upward = edges.filter(
      (edge) =>
        !edge.external && roomOf(edge.from) !== roomOf(edge.to) && floorOf(edge.to) >= floorOf(edge.from),
    );
    expect(upward.map(show)).toEqual([]);
  });

  it('has no circle', () => {
    expect(findCircle(edges)).toBeUndefined();
  });

  it('lets only src/app see a concrete VM provider', () => {
    const concrete =
      /^launcher\/(process|inproc|docker)\/(?!types)|^k8s\/(provider|operator|artifacts|statusPage)\//;
    const outside = edges.filter(
      (edge) =>
        concrete.test(edge.to) &&
        roomOf(edge.from) !== 'app' &&
        !(roomOf(edge.from) === 'k8s' && roomOf(edge.to) === 'k8s') &&
        edge.from.split('/').slice(0, 2).join('/') !== edge.to.split('/').slice(0, 2).join('/'),
    );
    expect(outside.map(show)).toEqual([]);
  });

  it('keeps the endorser and the operator of Kubernetes apart', () => {
    const inner = [['client'], ['api'], ['artifacts'], ['provider', 'operator', 'statusPage']];
    const levelOf = (file: string): number =>
      inner.findIndex((rooms) => rooms.includes(file.split('/')[1] ?? ''));
    const wrong = edges.filter(
      ({ from, to }) =>
        roomOf(from) === 'k8s' &&
        roomOf(to) === 'k8s' &&
        from.split('/')[1] !== to.split('/')[1] &&
        levelOf(to) >= levelOf(from),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it.each(['main.ts', 'kubectlChaincode.ts', 'app/mainProgram.ts', 'app/dev.ts', 'app/peerNode.ts'])(
    'loads neither Kubernetes nor Docker with %s',
    (start) => {
      const clients = /^(@kubernetes\/|dockerode|k8s\/|launcher\/docker\/)/;
      const loaded = [...loadedWith(edges, start)].filter((file) => clients.test(file));
      expect(loaded).toEqual([]);
    },
  );

  it('gives the browser nothing but its own modules and the types of what it is told', () => {
    const folder = 'k8s/statusPage/browser/';
    const outward = edges.filter(
      ({ from, to, typeOnly }) =>
        from.startsWith(folder) &&
        !to.startsWith(folder) &&
        !(typeOnly && to === 'k8s/statusPage/viewTypes.ts'),
    );
    expect(outward.map(show)).toEqual([]);
  });

  it('keeps the CLI away from the inside of the peer', () => {
    const inside = new Set([
      'ledger',
      'launcher',
      'chaincode',
      'scc',
      'endorser',
      'validation',
      'peer',
      'ordering',
    ]);
    expect(
      edges.filter((edge) => roomOf(edge.from) === 'cli' && inside.has(roomOf(edge.to))).map(show),
    ).toEqual([]);
  });

  it('takes the published protobuf definitions in at one place', () => {
    const direct = edges.filter(
      (edge) => edge.to === '@hyperledger/fabric-protos' && roomOf(edge.from) !== 'protos',
    );
    expect(direct.map(show)).toEqual([]);
  });
});

function show(edge: ImportEdge): string {
  return `${edge.from} -> ${edge.to}`;
}
