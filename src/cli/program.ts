import { Command, CommanderError } from 'commander';
import { messageOf } from '../errors.js';
import {
  addCodeFlags,
  addGlobalFlags,
  addOutputFlag,
  addPeerFlags,
  type ChaincodeFlags,
} from './chaincode/flags.js';
import type { ChannelFlags } from './channel/commands.js';
import { StartError, UsageError } from './errors.js';
import type { CliIo } from './io.js';
import { addLaunchCommands } from './launches/program.js';

/** The whole command tree. @param extra commands that run servers, made by the caller */
export function buildProgram(io: CliIo, version: string, extra: readonly Command[] = []): Command {
  const program = new Command('chaincode-launcher')
    .description('Starts Hyperledger Fabric chaincode without a Docker daemon, and talks to Fabric peers')
    .version(version)
    .showHelpAfterError(false);
  for (const command of extra) program.addCommand(command);
  program.addCommand(chaincodeCommands(io));
  program.addCommand(channelCommands(io));
  program.addCommand(launchCommands(io));
  return program;
}

/** Runs the program and gives the exit code; errors go to standard error as Fabric's CLI prints them. */
export async function runProgram(program: Command, argv: readonly string[], io: CliIo): Promise<number> {
  let running = program;
  for (const command of allCommands(program)) {
    command.exitOverride((error) => {
      running = command;
      throw error;
    });
    command.configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: () => undefined,
    });
    command.hook('preAction', (_, action) => {
      running = action;
    });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, running, io);
  }
}

function report(error: unknown, running: Command, io: CliIo): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === 'commander.help') return 0;
    const unknown = /^error: unknown option '(.*)'$/.exec(error.message)?.[1];
    const text = unknown === undefined ? error.message.replace(/^error: /, '') : `unknown flag: ${unknown}`;
    io.stderr.write(`Error: ${text}\n${running.helpInformation()}`);
    return 1;
  }
  if (error instanceof StartError) {
    io.stderr.write(`${error.message}\n`);
    return 1;
  }
  io.stderr.write(`Error: ${messageOf(error)}\n`);
  if (error instanceof UsageError) io.stderr.write(running.helpInformation());
  return 1;
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function chaincodeCommands(io: CliIo): Command {
  const chaincode = group(
    'chaincode',
    'Operate a chaincode: install|instantiate|invoke|package|query|signpackage|upgrade|list.',
    io,
  );
  const sub = (name: string, text: string, example: string): Command =>
    addGlobalFlags(chaincode.command(name).description(text)).addHelpText(
      'after',
      `\nExample:\n  $ chaincode-launcher chaincode ${example}`,
    );

  addCodeFlags(
    sub(
      'package',
      'Package the specified chaincode into a deployment spec.',
      'package -l node -n mycc -v 1.0 -p ./mycc mycc.cds',
    ),
  )
    .argument('[outputfile...]')
    .option('-p, --path <path>', 'path to the chaincode: a folder, or a Go import path')
    .option(
      '-s, --cc-package',
      'create CC deployment spec for owner endorsements instead of raw CC deployment spec',
    )
    .option(
      '-S, --sign',
      'if creating CC deployment spec package for owner endorsements, also sign it with local MSP',
    )
    .option('-i, --instantiate-policy <policy>', 'instantiation policy for the chaincode')
    .action(async (files: string[], flags: ChaincodeFlags) =>
      (await import('./chaincode/package.js')).packageCommand(io, files, flags),
    );

  sub('signpackage', 'Sign the specified chaincode package', 'signpackage mycc.scds mycc-signed.scds')
    .argument('[files...]')
    .action(async (files: string[], flags: ChaincodeFlags) =>
      (await import('./chaincode/package.js')).signPackageCommand(io, files, flags),
    );

  addPeerFlags(addCodeFlags(sub('install', 'Install a chaincode on a peer.', 'install mycc.cds')))
    .argument('[packagefile...]')
    .option('-p, --path <path>', 'path to the chaincode: a folder, or a Go import path')
    .action(async (files: string[], flags: ChaincodeFlags) =>
      (await import('./chaincode/install.js')).installCommand(io, files, flags),
    );

  for (const name of ['instantiate', 'upgrade'] as const) {
    const command = sub(
      name,
      name === 'instantiate'
        ? 'Deploy the specified chaincode to the network.'
        : 'Upgrade an existing chaincode to a new version.',
      `${name} -C mychannel -n mycc -v 1.0 -c '{"Args":["init","a","100"]}' -P "OR('Org1MSP.member')" --waitForEvent`,
    );
    addWaitFlags(addPeerFlags(addCodeFlags(command)))
      .option('-C, --channelID <id>', 'the channel on which this command should be executed')
      .option('-p, --path <path>', 'path to the chaincode (not used: the installed package counts)')
      .option('-P, --policy <policy>', 'the endorsement policy associated to this chaincode')
      .option('-E, --escc <name>', 'name of the endorsement system chaincode')
      .option('-V, --vscc <name>', 'name of the verification system chaincode')
      .option('--collections-config <file>', 'the file with the collection definitions in JSON')
      .action(async (flags: ChaincodeFlags) =>
        (await import('./chaincode/deploy.js')).deployCommand(io, name, flags),
      );
  }

  addWaitFlags(
    addOutputFlag(
      addPeerFlags(
        callFlags(
          sub(
            'invoke',
            'Invoke the specified chaincode.',
            `invoke -C mychannel -n mycc -c '{"Args":["put","a","90"]}' --waitForEvent`,
          ),
        ),
      ),
    ),
  ).action(async (flags: ChaincodeFlags) => (await import('./chaincode/invoke.js')).invokeCommand(io, flags));

  addOutputFlag(
    addPeerFlags(
      callFlags(
        sub(
          'query',
          'Query using the specified chaincode.',
          `query -C mychannel -n mycc -c '{"Args":["get","a"]}'`,
        ),
      ),
    ),
  )
    .option('-r, --raw', 'output the query value as raw bytes')
    .option('-x, --hex', 'output the query value byte array in hexadecimal')
    .action(async (flags: ChaincodeFlags) => (await import('./chaincode/invoke.js')).queryCommand(io, flags));

  addOutputFlag(
    addPeerFlags(
      sub(
        'list',
        'Get the instantiated chaincodes on a channel or installed chaincodes on a peer.',
        'list --installed',
      ),
    ),
  )
    .option('-C, --channelID <id>', 'the channel on which this command should be executed')
    .option('--installed', 'get the installed chaincodes on a peer')
    .option('--instantiated', 'get the instantiated chaincodes on a channel')
    .action(async (flags: ChaincodeFlags) => (await import('./chaincode/list.js')).listCommand(io, flags));
  return chaincode;
}

/** Commands of one kind. Without one of them, or with an unknown one, it tells what there is, as `peer` does. */
function group(name: string, description: string, io: CliIo): Command {
  const command = new Command(name).description(description).argument('[command]');
  return command.action(() => {
    // The help begins with the usage; the description belongs in front of it here.
    io.stdout.write(`${description}\n\n${command.helpInformation()}`);
  });
}

function callFlags(command: Command): Command {
  return command
    .option('-C, --channelID <id>', 'the channel on which this command should be executed')
    .option('-n, --name <name>', 'name of the chaincode')
    .option('-c, --ctor <json>', 'constructor message for the chaincode in JSON format', '{}');
}

function addWaitFlags(command: Command): Command {
  return command
    .option('--waitForEvent', 'wait until the transaction is committed; fails when it is not VALID')
    .option('--waitForEventTimeout <duration>', 'time to wait for the event', '30s');
}

function channelCommands(io: CliIo): Command {
  const channel = group('channel', 'Operate a channel: fetch|join|list|getinfo.', io);
  const load = async (): Promise<typeof import('./channel/commands.js')> => import('./channel/commands.js');
  const sub = (name: string, text: string, example: string): Command =>
    addGlobalFlags(channel.command(name).description(text)).addHelpText(
      'after',
      `\nExample:\n  $ chaincode-launcher channel ${example}`,
    );
  sub('join', 'Joins the peer to a channel.', 'join -b mychannel.block')
    .option('-b, --blockpath <file>', 'path to the genesis block of the channel')
    .action(async (flags: ChannelFlags) => (await load()).joinCommand(io, flags));
  addOutputFlag(sub('list', 'List of channels peer has joined.', 'list')).action(
    async (flags: ChannelFlags) => (await load()).listChannelsCommand(io, flags),
  );
  addOutputFlag(sub('getinfo', 'Get blockchain information of a specified channel.', 'getinfo -c mychannel'))
    .option('-c, --channelID <id>', 'the channel')
    .action(async (flags: ChannelFlags) => (await load()).getInfoCommand(io, flags));
  sub(
    'fetch',
    'Fetch a block: newest|oldest|config|(number) [outputfile].',
    'fetch newest newest.block -c mychannel',
  )
    .argument('[words...]')
    .option('-c, --channelID <id>', 'the channel')
    .option('--bestEffort', 'take blocks of an orderer that cannot serve at the moment')
    .action(async (words: string[], flags: ChannelFlags) => (await load()).fetchCommand(io, words, flags));
  return channel;
}

function launchCommands(io: CliIo): Command {
  const text = 'See what was launched, how far it is and why it failed: list|describe|logs|explain|prune.';
  const launches = group('launches', text, io);
  addLaunchCommands(launches, io);
  return launches;
}

/** `kubectl chaincode …`: the launches of the cluster, as a plugin of kubectl. */
export function buildKubectlPlugin(io: CliIo, version: string): Command {
  const program = new Command('kubectl-chaincode')
    .description('See which chaincode was launched in the cluster, how far it is and why it failed')
    .version(version)
    .showHelpAfterError(false);
  addLaunchCommands(program, io, true);
  return program;
}
