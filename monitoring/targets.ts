import type { Variable } from './panel.js';

/**
 * A metric that each program of its kind shows from its start on. Targets are known by it, not by the name of their scrape
 * job, which is everyone's own.
 */
export const markOf = {
  endorser: 'endorser_proposals_received',
  operator: 'leader_election_master_status',
  any: 'chaincode_launcher_memory_limit_bytes',
} as const;

/** Variables that select the programs of one kind. */
export function targetVariables(kind: keyof typeof markOf): Variable[] {
  const mark = markOf[kind];
  return [
    { name: 'namespace', from: mark },
    { name: 'job', from: `${mark}{namespace=~"$namespace"}` },
    { name: 'instance', from: `${mark}{namespace=~"$namespace",job=~"$job"}` },
  ];
}
