import { messageOf } from '../errors.js';
import { fetchIntoPod } from '../k8s/artifacts/fetch.js';

const help = `Usage: chaincode-launcher fetch [--build]

Brings what a chaincode's Pod needs from the endorser into the Pod: TLS files and the build output, or with --build the
package; then, with --build, brings the output back. The operator runs it in the first container of each Pod and tells
it by CHAINCODE_LAUNCHER_* variables what to fetch.

Example:
  $ chaincode-launcher fetch
`;

/** Kept apart from the other commands, whose modules would cost the launch of every chaincode a tenth of a second. */
export async function fetchCommand(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  try {
    await fetchIntoPod({
      url: setting('URL'),
      ca: setting('CA'),
      launch: setting('LAUNCH'),
      attempt: setting('ATTEMPT'),
      tokenFile: setting('TOKEN_FILE'),
      tls: process.env['CHAINCODE_LAUNCHER_TLS'] !== 'false',
      digest: process.env['CHAINCODE_LAUNCHER_DIGEST'] ?? '',
      build: argv.includes('--build'),
      warm: process.env['CHAINCODE_LAUNCHER_WARM'] === 'true',
    });
    return 0;
  } catch (error) {
    process.stderr.write(`fetch: ${messageOf(error)}\n`);
    return 1;
  }
}

function setting(name: string): string {
  const value = process.env[`CHAINCODE_LAUNCHER_${name}`];
  if (value === undefined || value === '') {
    throw new Error(`CHAINCODE_LAUNCHER_${name} is not set: this command is run by the operator's Pods`);
  }
  return value;
}
