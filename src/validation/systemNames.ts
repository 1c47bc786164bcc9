// The commit's own fixed list: what a peer has configured must not decide which transactions are valid.

const systemNames: ReadonlySet<string> = new Set(['cscc', 'escc', 'lscc', 'qscc', 'vscc']);
const notExternal: ReadonlySet<string> = new Set(['escc', 'vscc']);
const notWritable: ReadonlySet<string> = new Set(['cscc', 'escc', 'vscc']);

export function isSystemName(name: string): boolean {
  return systemNames.has(name);
}

/** May a transaction invoke it? */
export function isInvokableExternal(name: string): boolean {
  return !notExternal.has(name);
}

/** May user chaincode reach it by a call, so that its namespace may be in a write set? */
export function isReachable(name: string): boolean {
  return !notWritable.has(name);
}
