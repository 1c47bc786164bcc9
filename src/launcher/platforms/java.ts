import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { LauncherError } from '../../errors.js';
import type { BuildContext, Command, PlatformRuntime } from './platform.js';
import { isThere, needProgram } from './programs.js';

/**
 * Java chaincode as fabric-javaenv builds it: Gradle or Maven make `chaincode.jar` with all its dependencies
 * (Gradle: build/libs, Maven: target).
 */
export const javaPlatform: PlatformRuntime = {
  variant: 'java',

  async build(context: BuildContext): Promise<void> {
    await needProgram('java', context.searchPath, 'Java chaincode');
    const source = join(context.inputDir, 'src');
    const tool = await buildTool(source);
    const program = await needProgram(tool.program, context.searchPath, 'the build of this Java chaincode');
    await context.run({ argv: [program, ...tool.args] }, source);
    const jar = join(source, tool.jar);
    if (!(await isThere(jar))) {
      throw new LauncherError(`Error returned from build: 255 "the build made no ${tool.jar}"`);
    }
    await rename(jar, join(context.outputDir, 'chaincode.jar'));
  },

  start(directory, { args }): Promise<Command> {
    return Promise.resolve({ argv: ['java', '-jar', join(directory, 'chaincode.jar'), ...args.slice(1)] });
  },
};

interface BuildTool {
  readonly program: string;
  readonly args: readonly string[];
  /** Where the program lies afterwards, below the source. */
  readonly jar: string;
}

const gradle: BuildTool = {
  program: 'gradle',
  args: ['--no-daemon', '--console=plain', 'build', 'shadowJar', '-x', 'test'],
  jar: 'build/libs/chaincode.jar',
};
const maven: BuildTool = {
  program: 'mvn',
  args: ['-B', '-q', 'package', '-DskipTests', '-Dmaven.test.skip=true'],
  jar: 'target/chaincode.jar',
};

async function buildTool(source: string): Promise<BuildTool> {
  if (await isThere(join(source, 'build.gradle'))) return gradle;
  if (await isThere(join(source, 'build.gradle.kts'))) return gradle;
  if (await isThere(join(source, 'pom.xml'))) return maven;
  throw new LauncherError('Error returned from build: 255 "Not found build.gradle nor pom.xml"');
}
