import { hasEnded, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { CommandView } from './viewTypes.js';

/** How to look further than this page does. */
export function commandsOf({ metadata, status = {} }: ChaincodeLaunch): CommandView[] {
  const kubectl = `kubectl -n ${quoted(metadata.namespace ?? 'default')}`;
  const name = quoted(metadata.name);
  const pod = status.pod?.name ?? status.buildPod?.name;
  const container = status.pod ? 'chaincode' : 'builder';
  return [
    {
      title: 'What happened, and what helps',
      command: `chaincode-launcher launches explain ${name} -n ${quoted(metadata.namespace ?? 'default')}`,
    },
    { title: 'The object, with its events', command: `${kubectl} describe chaincodelaunch ${name}` },
    // The Pod of a launch that is over has been removed.
    ...(pod === undefined || hasEnded(status)
      ? []
      : [
          { title: 'Its Pod', command: `${kubectl} describe pod ${quoted(pod)}` },
          { title: 'Its output', command: `${kubectl} logs -f ${quoted(pod)} -c ${container}` },
        ]),
  ];
}

/** As a shell takes it for one word. */
export function quoted(word: string): string {
  return /^[\w.:/-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
