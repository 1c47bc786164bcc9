import { Command, InvalidArgumentError, Option } from 'commander';
import type { ClusterFlags } from '../cluster/access.js';
import type { CliIo } from '../io.js';
import type { LaunchFlags } from './commands.js';

type Flags = LaunchFlags & ClusterFlags & { olderThan: string; dryRun?: boolean };

/** The commands that show launches: of one endorser by its operations endpoint, or of a cluster by its API. */
export function addLaunchCommands(launches: Command, io: CliIo, clusterByDefault = false): void {
  const local = async (): Promise<typeof import('./commands.js')> => import('./commands.js');
  const cluster = async (): Promise<typeof import('../cluster/commands.js')> =>
    import('../cluster/commands.js');
  const isCluster = ({ namespace, allNamespaces, kubeconfig, context }: Flags): boolean =>
    clusterByDefault || Boolean(namespace ?? allNamespaces ?? kubeconfig ?? context);
  const program = clusterByDefault ? 'kubectl chaincode' : 'chaincode-launcher launches';
  const sub = (name: string, text: string, ...examples: string[]): Command => {
    const command = launches
      .command(name)
      .description(text)
      .addOption(
        new Option('-o, --output <format>', 'text, or json for programs')
          .choices(['text', 'json'])
          .default('text'),
      )
      .addHelpText('after', `\nExample:${examples.map((each) => `\n  $ ${program} ${each}`).join('')}`);
    return clusterFlags(command);
  };
  const operations = (command: Command): Command =>
    clusterByDefault
      ? command
      : command.option(
          '--operations <address>',
          "the peer's operations endpoint (default: CORE_OPERATIONS_LISTENADDRESS, else 127.0.0.1:9443)",
        );

  operations(
    sub(
      'list',
      'List launches: of one peer, or with -n or -A of a cluster.',
      'list -n fabric',
      'list -A -o json',
    ),
  )
    .option('--timeline', 'show when each step of each launch was done')
    .action(async (flags: Flags) =>
      isCluster(flags)
        ? (await cluster()).listClusterCommand(io, flags)
        : (await local()).listLaunchesCommand(io, flags),
    );
  operations(
    sub(
      'describe',
      'Show one launch: its timeline, its end and why it failed.',
      'describe mycc:1.0 -n fabric',
    ),
  )
    .argument('<name>')
    .action(async (name: string, flags: Flags) =>
      isCluster(flags)
        ? (await cluster()).describeClusterCommand(io, name, flags)
        : (await local()).describeLaunchCommand(io, name, flags),
    );
  operations(sub('logs', 'Print the output of a launched chaincode.', 'logs mycc:1.0 -n fabric --follow'))
    .argument('<name>')
    .option('-f, --follow', 'go on until interrupted')
    .action(async (name: string, flags: Flags) =>
      isCluster(flags)
        ? (await cluster()).logsClusterCommand(io, name, flags)
        : (await local()).launchLogsCommand(io, name, flags),
    );
  sub('explain', 'Say why a launch in the cluster is where it is, and what helps.', 'explain mycc -n fabric')
    .argument('<name>')
    .action(async (name: string, flags: Flags) => (await cluster()).explainCommand(io, name, flags));
  sub(
    'prune',
    'Delete launches in the cluster that have ended.',
    'prune -n fabric --older-than 24h --dry-run',
  )
    .option('--older-than <duration>', 'only those that ended so long ago', '0s')
    .option('--dry-run', 'only tell what would be deleted')
    .action(async (flags: Flags) =>
      (await cluster()).pruneCommand(io, flags, await duration('older-than', flags.olderThan)),
    );
}

function clusterFlags(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'namespace of the cluster')
    .option('-A, --all-namespaces', 'all namespaces of the cluster')
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig');
}

async function duration(flag: string, text: string): Promise<number> {
  const { durationMs } = await import('../../config/duration.js');
  try {
    return durationMs(text);
  } catch {
    throw new InvalidArgumentError(`--${flag} ${text}: must be a duration such as 24h`);
  }
}
