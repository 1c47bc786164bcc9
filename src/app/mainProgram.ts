import { processIo } from '../cli/io.js';
import { buildProgram, runProgram } from '../cli/program.js';
import { devCommand } from './devCommand.js';
import { endorserCommand } from './endorserCommand.js';
import { operatorCommand } from './operatorCommand.js';
import { ordererCommand } from './ordererCommand.js';
import { programVersion } from './version.js';

/** Runs the command line, and gives the exit code. */
export async function runMain(argv: readonly string[]): Promise<number> {
  const io = processIo();
  const program = buildProgram(io, programVersion, [
    devCommand(),
    endorserCommand(),
    ordererCommand(),
    operatorCommand(),
  ]);
  return runProgram(program, argv, io);
}
