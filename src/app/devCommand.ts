import { Command, Option } from 'commander';
import { interrupted } from './interrupted.js';

interface DevFlags {
  data: string;
  ports: 'fabric' | 'free';
  channel: string;
  builds?: string;
  config?: string;
  vm?: 'process' | 'docker' | 'kubernetes';
  host?: string;
  listen?: string;
  clientSecret?: string;
  verbose?: boolean;
}

/** `chaincode-launcher dev`: a whole network in one process, until it is interrupted. */
export function devCommand(): Command {
  return new Command('dev')
    .description(
      'Run a peer and an orderer in this process, with everything that they need made at the first run',
    )
    .option('--data <dir>', 'folder of the network: keys, ledgers, packages', './chaincode-launcher-data')
    .addOption(
      new Option(
        '--ports <kind>',
        "Fabric's own ports (7050-7052, 9443), or free ones that are kept for the next run",
      )
        .choices(['fabric', 'free'])
        .default('fabric'),
    )
    .option('--channel <id>', 'channel that the network has', 'mychannel')
    .option(
      '--builds <dir>',
      'folder of chaincode builds, which several networks may share (default: below --data)',
    )
    .option('--config <file>', 'core.yaml with further settings')
    .addOption(
      new Option('--vm <provider>', 'what runs chaincode (default: vm.provider, else process)').choices([
        'process',
        'docker',
        'kubernetes',
      ]),
    )
    .option('--host <address>', 'address of this machine under which chaincode reaches the peer', '127.0.0.1')
    .option(
      '--listen <address>',
      'address that all listeners take, 0.0.0.0 for clients elsewhere: they use --host, which the channel names as orderer (default: 127.0.0.1)',
    )
    .option('--client-secret <name>', "existing Secret of this Pod's namespace that gets what clients need")
    .option('-v, --verbose', 'log at debug level')
    .addHelpText(
      'after',
      '\nExample:\n  $ chaincode-launcher dev --data ./network\n  and in another terminal:\n  $ source ./network/peer.env\n  $ chaincode-launcher chaincode list --instantiated -C mychannel',
    )
    .action(async (flags: DevFlags) => {
      await runDev(flags);
    });
}

async function runDev(flags: DevFlags): Promise<void> {
  const { startDev } = await import('./dev.js');
  const { programLogs } = await import('./programLogs.js');
  const began = performance.now();
  const dev = await startDev({
    data: flags.data,
    ports: flags.ports,
    channelId: flags.channel,
    ...(flags.builds !== undefined && { builds: flags.builds }),
    ...(flags.config !== undefined && { config: flags.config }),
    ...(flags.vm && { vm: flags.vm }),
    ...(flags.host !== undefined && { host: flags.host }),
    ...(flags.listen !== undefined && { listen: flags.listen }),
    ...(flags.clientSecret !== undefined && { clientSecret: flags.clientSecret }),
    env: process.env,
    logs: (spec) => programLogs(spec, flags.verbose),
  });
  process.stdout.write(
    [
      `chaincode-launcher dev is ready (${((performance.now() - began) / 1000).toFixed(1)} s, ${dev.created ? 'new network' : 'network as it was'})`,
      `  peer        ${dev.peer.address}   TLS`,
      `  orderer     ${dev.ordererAddress}   TLS`,
      `  chaincode   ${dev.peer.chaincodeAddress}   mutual TLS`,
      `  operations  http://${dev.peer.operationsAddress}   /healthz /metrics /logspec /launches`,
      `  channel     ${dev.channelId} (${dev.mspId})`,
      `  SDK         ${dev.profileFile}`,
      `  CLI         source ${dev.envFile}`,
      '',
    ].join('\n'),
  );
  await interrupted();
  process.stderr.write('stopping …\n');
  await dev.stop();
}
