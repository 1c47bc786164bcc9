/** The entries of a protobuf map in key order, so that what is made of them is the same in every process. */
export function sortedEntries<V>(map: {
  forEach(callback: (value: V, key: string) => void): void;
}): [string, V][] {
  const entries: [string, V][] = [];
  map.forEach((value, key) => entries.push([key, value]));
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
