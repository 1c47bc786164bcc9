import { cp } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LauncherError } from '../../errors.js';
import type { BuildContext, Command, PlatformRuntime } from './platform.js';
import { isThere, needProgram } from './programs.js';

/**
 * Go chaincode: one static program. A package of Fabric 1.4 is a GOPATH (src/‹path›), one of 2.x has go.mod in src.
 * The shim must be vendored, in GOPATH, or reachable by the toolchain: nothing is downloaded by us.
 */
export const golangPlatform: PlatformRuntime = {
  variant: 'go',

  async build(context: BuildContext): Promise<void> {
    const go = await needProgram('go', context.searchPath, 'the build of Go chaincode');
    const source = join(context.inputDir, 'src');
    const output = join(context.outputDir, 'chaincode');
    const env = { CGO_ENABLED: '0' };
    if (await isThere(join(source, 'go.mod'))) {
      const vendored = await isThere(join(source, 'vendor'));
      const flags = vendored ? ['-mod=vendor'] : [];
      await context.run({ argv: [go, 'build', ...flags, '-o', output, '.'], env }, source);
    } else {
      if (context.path.split('/').includes('..')) {
        throw new LauncherError(`invalid path of Go chaincode: ${context.path}`);
      }
      const folders = [context.inputDir, context.goPath].filter(Boolean).join(delimiter);
      const gopath = { ...env, GO111MODULE: 'off', GOPATH: folders };
      await context.run({ argv: [go, 'build', '-o', output, context.path], env: gopath }, source);
    }
    const metadata = join(context.inputDir, 'META-INF');
    if (await isThere(metadata)) await cp(metadata, join(context.outputDir, 'META-INF'), { recursive: true });
  },

  start(directory, { args }): Promise<Command> {
    return Promise.resolve({ argv: [join(directory, 'chaincode'), ...args.slice(1)] });
  },
};
