import { createHash } from 'node:crypto';
import { ledger } from '../../protos/index.js';
import { metadataEntries } from '../metadata.js';
import type { Version } from '../types.js';

const { kvrwset } = ledger.rwset;

/** A read of a public key; no version means that the key did not exist. */
export function kvRead(key: string, version: Version | undefined): InstanceType<typeof kvrwset.KVRead> {
  const read = new kvrwset.KVRead();
  read.setKey(key);
  if (version) read.setVersion(kvVersion(version));
  return read;
}

export function kvVersion(version: Version): InstanceType<typeof kvrwset.Version> {
  const message = new kvrwset.Version();
  message.setBlockNum(version.blockNum);
  message.setTxNum(version.txNum);
  return message;
}

/** A write; an empty value is a delete. */
export function kvWrite(key: string, value: Uint8Array | undefined): InstanceType<typeof kvrwset.KVWrite> {
  const write = new kvrwset.KVWrite();
  write.setKey(key);
  if (value && value.length > 0) write.setValue(value);
  else write.setIsDelete(true);
  return write;
}

export function sha256(bytes: Uint8Array | string): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Metadata of a key; no entries remove it. */
export function kvMetadataWrite(
  key: string,
  metadata: ReadonlyMap<string, Uint8Array>,
): InstanceType<typeof kvrwset.KVMetadataWrite> {
  const write = new kvrwset.KVMetadataWrite();
  write.setKey(key);
  write.setEntriesList(metadataEntries(metadata));
  return write;
}
