/** One asset as it stands in the ledger, in JSON with sorted keys so that every endorser writes the same bytes. */
export interface Asset {
  readonly id: string;
  readonly owner: string;
  readonly value: number;
}

export function encodeAsset({ id, owner, value }: Asset): Buffer {
  return Buffer.from(JSON.stringify({ id, owner, value }));
}

export function decodeAsset(bytes: Uint8Array): Asset {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Asset;
}
