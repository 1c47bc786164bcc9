import { Command } from 'commander';
import type { OrdererFlags } from './ordererFlags.js';

/** `chaincode-launcher orderer`: the solo ordering service, until it is interrupted. */
export function ordererCommand(): Command {
  return new Command('orderer')
    .description('Run the solo ordering service: one process, for trials and tests')
    .requiredOption('--data <dir>', 'folder of the blocks')
    .requiredOption(
      '--genesis-block <file>',
      'genesis block of a channel to serve, or a folder of *.block files; may be repeated',
      (value: string, before: string[] | undefined) => [...(before ?? []), value],
    )
    .requiredOption('--msp <dir>', "MSP folder with the orderer's identity")
    .requiredOption('--msp-id <id>', "MSP id of the orderer's organisation")
    .option('--listen <host:port>', 'where Broadcast and Deliver are', '127.0.0.1:7050')
    .option('--tls-cert <file>', 'certificate of the listener')
    .option('--tls-key <file>', 'its key')
    .option('--insecure', 'listen without TLS')
    .option('--operations-address <host:port>', 'where /healthz, /readyz and /metrics are', '127.0.0.1:8443')
    .option('-v, --verbose', 'log at debug level')
    .addHelpText(
      'after',
      '\nExample:\n  $ chaincode-launcher orderer --data ./orderer --genesis-block mychannel.block \\\n      --msp ./msp --msp-id OrdererMSP --tls-cert server.crt --tls-key server.key',
    )
    .action(async (flags: OrdererFlags) => {
      const { runOrderer } = await import('./orderer.js');
      await runOrderer(flags);
    });
}
