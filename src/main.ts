#!/usr/bin/env node
import { devCommand } from './app/devCommand.js';
import { programVersion } from './app/version.js';
import { processIo } from './cli/io.js';
import { buildProgram, runProgram } from './cli/program.js';

// grpc-js names a TLS server by its IP address where that is what was dialled; Node.js would warn each time.
process.noDeprecation = true;

const io = processIo();
const program = buildProgram(io, programVersion, [devCommand()]);
process.exitCode = await runProgram(program, process.argv.slice(2), io);
