#!/usr/bin/env node
import { programVersion } from './app/version.js';
import { processIo } from './cli/io.js';
import { buildKubectlPlugin, runProgram } from './cli/program.js';

const io = processIo();
process.exitCode = await runProgram(buildKubectlPlugin(io, programVersion), process.argv.slice(2), io);
