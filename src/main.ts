#!/usr/bin/env node
// grpc-js names a TLS server by its IP address where that is what was dialled; Node.js would warn each time.
process.noDeprecation = true;

const [command, ...rest] = process.argv.slice(2);
if (command === 'fetch') {
  const { fetchCommand } = await import('./app/fetchCommand.js');
  process.exitCode = await fetchCommand(rest);
} else {
  const { runMain } = await import('./app/mainProgram.js');
  process.exitCode = await runMain(process.argv.slice(2));
}
