// The tables of flags, from the commands themselves.
import { devCommand } from '../../dist/app/devCommand.js';
import { endorserCommand } from '../../dist/app/endorserCommand.js';
import { operatorCommand } from '../../dist/app/operatorCommand.js';
import { ordererCommand } from '../../dist/app/ordererCommand.js';
import { processIo } from '../../dist/cli/io.js';
import { buildProgram } from '../../dist/cli/program.js';
import { code, shownDefault, table } from './markdown.mjs';

/** Servers first, then `launches`; a flag that all of its commands have is told once. */
export function flagTables() {
  const servers = [endorserCommand(), ordererCommand(), operatorCommand(), devCommand()];
  const parts = servers.map(
    (command) => `### ${command.name()}\n\n${command.description()}.\n\n${flagsOf(command)}`,
  );
  const launches = buildProgram(processIo(), '').commands.find((command) => command.name() === 'launches');
  return [...parts, `### launches\n\n${launches.description()}\n\n${launchesTable(launches.commands)}`].join(
    '\n\n',
  );
}

function flagsOf(command) {
  return table(
    ['Flag', 'Default', 'Description'],
    command.options.map((option) => row(option)),
  );
}

function launchesTable(commands) {
  const byFlags = new Map();
  for (const command of commands) {
    for (const option of command.options) {
      const entry = byFlags.get(option.flags) ?? { option, names: [] };
      entry.names.push(command.name());
      byFlags.set(option.flags, entry);
    }
  }
  const whose = (names) => (names.length === commands.length ? 'all' : names.join(', '));
  return table(
    ['Flag', 'Commands', 'Default', 'Description'],
    [...byFlags.values()].map(({ option, names }) => {
      const [flags, ...rest] = row(option);
      return [flags, whose(names), ...rest];
    }),
  );
}

function row(option) {
  const choices = option.argChoices ? ` One of ${option.argChoices.map(code).join(', ')}.` : '';
  const needed = option.mandatory ? ' Needed.' : '';
  // A flag that begins with --no- is on by default, which its name says already.
  const value = option.negate ? undefined : option.defaultValue;
  return [code(option.flags), shownDefault(value), `${sentence(option.description)}${choices}${needed}`];
}

function sentence(text) {
  // The name of a file stays as it is.
  const first = /^[a-z]+\b(?!\.)/.test(text) ? text.charAt(0).toUpperCase() : text.charAt(0);
  return `${first}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
