/**
 * The layout of a channel's database: one ordered key space, so that a block, its state, its history and its
 * indexes are written by one atomic batch. The first byte tells the kind.
 */
const kind = {
  block: 0x62,
  hashIndex: 0x68,
  transaction: 0x74,
  state: 0x73,
  hashedState: 0x70,
  privateState: 0x76,
  history: 0x79,
  expiry: 0x65,
  meta: 0x6d,
  transient: 0x78,
  transientAge: 0x61,
  plainKey: 0x6e,
} as const;

const separator = Buffer.from([0]);

/** Orders strings as their UTF-8 bytes, which is Go's order and not JavaScript's. */
export function compareUtf8(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function join(first: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([first]), ...parts]);
}

function uint64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function collectionPrefix(first: number, namespace: string, collection: string): Buffer {
  return join(first, Buffer.from(namespace), separator, Buffer.from(collection), separator);
}

export const keys = {
  block: (number: number): Buffer => join(kind.block, uint64(number)),
  hashIndex: (hash: Uint8Array): Buffer => join(kind.hashIndex, hash),
  transaction: (txId: string): Buffer => join(kind.transaction, Buffer.from(txId)),
  meta: (name: string): Buffer => join(kind.meta, Buffer.from(name)),
  transient: (txId: string): Buffer => join(kind.transient, Buffer.from(txId)),
  /** Finds what was kept before some height. */
  transientAge: (height: number, txId: string): Buffer =>
    join(kind.transientAge, uint64(height), Buffer.from(txId)),
  transientAgeRange: (height: number): { gte: Buffer; lt: Buffer } => ({
    gte: join(kind.transientAge, uint64(0)),
    lt: join(kind.transientAge, uint64(height)),
  }),
  parseTransientAge: (key: Buffer): string => key.subarray(9).toString(),

  statePrefix: (namespace: string): Buffer => join(kind.state, Buffer.from(namespace), separator),
  state: (namespace: string, key: string): Buffer => Buffer.from(`s${namespace}\0${key}`),
  /** All of the public state. */
  allState: { gte: Buffer.from([kind.state]), lt: Buffer.from([kind.state + 1]) },
  allHashedState: { gte: Buffer.from([kind.hashedState]), lt: Buffer.from([kind.hashedState + 1]) },
  allPrivateState: { gte: Buffer.from([kind.privateState]), lt: Buffer.from([kind.privateState + 1]) },

  hashedState: (namespace: string, collection: string, keyHash: Uint8Array): Buffer =>
    Buffer.concat([collectionPrefix(kind.hashedState, namespace, collection), keyHash]),
  /** Finds a plain private key by its hash. */
  plainKey: (namespace: string, collection: string, keyHash: Uint8Array): Buffer =>
    Buffer.concat([collectionPrefix(kind.plainKey, namespace, collection), keyHash]),
  privateStatePrefix: (namespace: string, collection: string): Buffer =>
    collectionPrefix(kind.privateState, namespace, collection),
  privateState: (namespace: string, collection: string, key: string): Buffer =>
    Buffer.concat([collectionPrefix(kind.privateState, namespace, collection), Buffer.from(key)]),

  /** Length-prefixed, so that one key's entries never mix with those of a longer one. */
  historyPrefix: (namespace: string, key: string): Buffer => {
    const keyBytes = Buffer.from(key);
    return join(kind.history, Buffer.from(namespace), separator, uint32(keyBytes.length), keyBytes);
  },
  history: (namespace: string, key: string, blockNum: number, txNum: number): Buffer =>
    Buffer.concat([keys.historyPrefix(namespace, key), uint64(blockNum), uint32(txNum)]),
  parseHistory: (key: Buffer): { blockNum: number; txNum: number } => ({
    blockNum: Number(key.readBigUInt64BE(key.length - 12)),
    txNum: key.readUInt32BE(key.length - 4),
  }),

  /** Private data that leaves with this block. */
  expiry: (blockNum: number, namespace: string, collection: string, keyHash: Uint8Array): Buffer =>
    Buffer.concat([
      join(kind.expiry, uint64(blockNum)),
      Buffer.from(namespace),
      separator,
      Buffer.from(collection),
      separator,
      keyHash,
    ]),
  expiryRange: (blockNum: number): { gte: Buffer; lt: Buffer } => ({
    gte: join(kind.expiry, uint64(0)),
    lt: join(kind.expiry, uint64(blockNum + 1)),
  }),
  parseExpiry: (key: Buffer): { namespace: string; collection: string; keyHash: Buffer } => {
    const first = key.indexOf(0, 9);
    const second = key.indexOf(0, first + 1);
    return {
      namespace: key.subarray(9, first).toString(),
      collection: key.subarray(first + 1, second).toString(),
      keyHash: key.subarray(second + 1),
    };
  },
};

/** The first key after every key with this prefix. */
export function afterPrefix(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix);
  next[next.length - 1] = (next[next.length - 1] ?? 0) + 1;
  return next;
}
