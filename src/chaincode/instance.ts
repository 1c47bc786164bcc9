/** A chaincode as a caller names it: `name[:version][/channel]`. */
export interface ChaincodeInstance {
  readonly name: string;
  readonly version: string;
  /** '' when none is named. */
  readonly channelId: string;
}

/** Fabric's ParseName: the channel is what follows the first slash, the version what follows the first colon before it. */
export function parseInstance(text: string): ChaincodeInstance {
  const slash = text.indexOf('/');
  const channelId = slash < 0 ? '' : text.slice(slash + 1);
  const rest = slash < 0 ? text : text.slice(0, slash);
  const colon = rest.indexOf(':');
  return colon < 0
    ? { name: rest, version: '', channelId }
    : { name: rest.slice(0, colon), version: rest.slice(colon + 1), channelId };
}

/** Fabric's ChaincodeInstance.String(). */
export function formatInstance({ name, version, channelId }: ChaincodeInstance): string {
  return name + (version === '' ? '' : `:${version}`) + (channelId === '' ? '' : `/${channelId}`);
}
