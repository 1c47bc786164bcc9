/** The program in this project's image. */
const program = 'chaincode-launcher';

/**
 * The fetcher. It must outlive its work, or the Pod never turns Ready, and it must end at once when the Pod does: as first
 * process of its container it gets no signal that it does not ask for.
 */
export function fetchCommand(mode: 'stay' | 'once' | 'build'): string[] {
  if (mode === 'once') return [program, 'fetch'];
  if (mode === 'build') return [program, 'fetch', '--build'];
  return [
    '/bin/sh',
    '-c',
    `${program} fetch || exit $?; trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done`,
  ];
}

const untilThere = 'until [ -e "$0" ]; do sleep 0.01 2>/dev/null || sleep 1; done; ';

/**
 * Starts the chaincode when its files are there, and passes on what ends it: a program that is the first process of its
 * container would not be ended by SIGTERM, only by the kill at the end of the grace period.
 */
export function chaincodeCommand(readyFile: string | undefined, command: readonly string[]): string[] {
  const script =
    `${readyFile === undefined ? '' : untilThere}"$@" & pid=$!; ` +
    `trap 'kill -TERM -1 2>/dev/null' TERM INT; wait $pid; code=$?; ` +
    `while kill -0 $pid 2>/dev/null; do wait $pid; code=$?; done; exit $code`;
  return ['/bin/sh', '-c', script, readyFile ?? 'chaincode', ...command];
}

/** Runs the build when the package is there, and tells the fetcher how it went. */
export function builderCommand(runFolder: string, command: string): string[] {
  const script =
    `${untilThere}/bin/sh -c "$1" 2>&1; code=$?; ` +
    `if [ $code = 0 ]; then : >${runFolder}/built; else : >${runFolder}/failed; fi; exit $code`;
  return ['/bin/sh', '-c', script, `${runFolder}/ready`, command];
}
