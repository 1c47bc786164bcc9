import { LauncherError, messageOf } from '../../errors.js';
import { decode, peer } from '../../protos/index.js';
import type { CliIo } from '../io.js';
import { Session } from '../session.js';
import { requireChannel } from './deploy.js';
import type { ChaincodeFlags } from './flags.js';

/** `chaincode list --installed | --instantiated -C ‹channel›` */
export async function listCommand(io: CliIo, flags: ChaincodeFlags): Promise<void> {
  const { installed = false, instantiated = false } = flags;
  if (installed === instantiated)
    throw new LauncherError('Must explicitly specify "--installed" or "--instantiated"');
  const channelId = instantiated ? requireChannel(flags) : '';
  const session = await Session.open(io, flags);
  try {
    await session.connectPeers('list');
    const proposal = await session.propose(channelId, 'lscc', [
      installed ? 'getinstalledchaincodes' : 'getchaincodes',
    ]);
    const response = await session.peer.processProposal(proposal.signed).catch((error: unknown) => {
      throw new LauncherError(`Error endorsing chaincode: ${messageOf(error)}`, { cause: error });
    });
    const inner = response.getResponse();
    if (inner?.getStatus() !== 200) {
      throw new LauncherError(`Bad response: ${inner?.getStatus() ?? 0} - ${inner?.getMessage() ?? ''}`);
    }
    const list = decode(peer.ChaincodeQueryResponse, inner.getPayload_asU8(), 'ChaincodeQueryResponse');
    io.stdout.write(shown(list.getChaincodesList(), channelId, flags));
  } finally {
    session.close();
  }
}

/** @param channelId '' for the installed ones */
function shown(chaincodes: readonly peer.ChaincodeInfo[], channelId: string, flags: ChaincodeFlags): string {
  if (flags.output === 'json') return `${JSON.stringify(chaincodes.map(asJson))}\n`;
  const title =
    channelId === ''
      ? 'Get installed chaincodes on peer:'
      : `Get instantiated chaincodes on channel ${channelId}:`;
  return `${[title, ...chaincodes.map(line)].join('\n')}\n`;
}

/** Empty fields are left out, as Fabric does. */
function line(info: peer.ChaincodeInfo): string {
  const fields: [string, string][] = [
    ['Name', info.getName()],
    ['Version', info.getVersion()],
    ['Path', info.getPath()],
    ['Input', info.getInput()],
    ['Escc', info.getEscc()],
    ['Vscc', info.getVscc()],
    ['Id', Buffer.from(info.getId_asU8()).toString('hex')],
  ];
  return fields
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}

function asJson(info: peer.ChaincodeInfo): object {
  return {
    name: info.getName(),
    version: info.getVersion(),
    path: info.getPath(),
    escc: info.getEscc(),
    vscc: info.getVscc(),
    id: Buffer.from(info.getId_asU8()).toString('hex'),
  };
}
