import { Command } from 'commander';
import type { EndorserFlags } from './endorserFlags.js';

/** `chaincode-launcher endorser`: an endorsing peer by its core.yaml, until it is interrupted. */
export function endorserCommand(): Command {
  return new Command('endorser')
    .description(
      'Run an endorsing peer: MSP, TLS and everything else as core.yaml says, blocks from the orderers',
    )
    .option(
      '--config <file>',
      'core.yaml, or its folder (default: FABRIC_CFG_PATH, ., /etc/hyperledger/fabric); CORE_… variables win over it',
    )
    .option(
      '--join <file>',
      'genesis block of a channel to join when it is not joined yet, or a folder of *.block files; may be repeated',
      (value: string, before: string[]) => [...before, value],
      [] as string[],
    )
    .option('-v, --verbose', 'log at debug level')
    .addHelpText(
      'after',
      '\nExample:\n  $ chaincode-launcher endorser --config /etc/hyperledger/fabric/core.yaml --join mychannel.block',
    )
    .action(async (flags: EndorserFlags) => {
      const { runEndorser } = await import('./endorser.js');
      await runEndorser(flags);
    });
}
