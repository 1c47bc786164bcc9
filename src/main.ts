#!/usr/bin/env node
import { devCommand } from './app/devCommand.js';
import { programVersion } from './app/version.js';
import { processIo } from './cli/io.js';
import { buildProgram, runProgram } from './cli/program.js';

const io = processIo();
const program = buildProgram(io, programVersion, [devCommand()]);
process.exitCode = await runProgram(program, process.argv.slice(2), io);
