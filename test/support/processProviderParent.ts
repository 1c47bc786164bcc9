import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { ProcessVMProvider } from '../../src/launcher/process/provider.js';
import { makeTar } from '../../src/packages/tarWriter.js';

// Started by a test that kills it: three chaincodes that would run for ever, one of them deaf to SIGTERM.

const provider = new ProcessVMProvider({ dir: process.env['DIR']!, logger: pino({ level: 'silent' }) });
const codePackage = gzipSync(
  makeTar(
    [
      ['package.json', JSON.stringify({ scripts: { start: 'node main.js' } })],
      [
        'main.js',
        "if (process.env.DEAF) process.on('SIGTERM', () => {}); console.log('pid ' + process.pid); setInterval(() => {}, 1000);",
      ],
      ['node_modules/none/package.json', '{}'],
    ].map(([name, text]) => ({ name: `src/${name}`, content: Buffer.from(text!) })),
  ),
);

for (const name of ['a', 'b', 'c']) {
  await provider.start({
    ccid: { name, version: '1' },
    type: 'NODE',
    path: name,
    args: [],
    env: name === 'b' ? { DEAF: '1' } : {},
    files: [],
    codePackage,
    peerAddress: '127.0.0.1:7052',
    progress: { step: () => undefined, output: (line) => process.stdout.write(`${line}\n`) },
  });
}
