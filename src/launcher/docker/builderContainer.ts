import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { LauncherError, messageOf, wrap } from '../../errors.js';
import { LastLines } from '../lines.js';
import { ContainerOutput } from './containerOutput.js';
import type { Engine } from './engine.js';
import type { Leftovers } from './leftovers.js';
import type { ContainerSpec, HostConfig } from './types.js';

/** A build command ended with an error; the text is Fabric's, with the last lines of its output. */
export class DockerBuildError extends LauncherError {
  override readonly name = 'DockerBuildError';
}

/** One build in a container that lives no longer than it. */
export interface BuilderRun {
  readonly image: string;
  readonly command: string;
  readonly codePackage: Uint8Array;
  readonly hostConfig: HostConfig;
  /** Where the tar of /chaincode/output goes. */
  readonly outputFile: string;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** How many lines of a build's output its error carries. */
const linesInError = 20;

/** Runs one build command in an ephemeral container, and leaves its result as a tar. @returns the tar's size */
export async function runBuilder(engine: Engine, leftovers: Leftovers, run: BuilderRun): Promise<number> {
  const { image, signal } = run;
  await leftovers.removeAll();
  await ensureImage(engine, image, signal);
  const mark = leftovers.begin();
  const spec: ContainerSpec = {
    Cmd: ['/bin/sh', '-c', run.command],
    Image: image,
    AttachStdout: true,
    AttachStderr: true,
    Labels: mark.labels,
    HostConfig: run.hostConfig,
  };
  let id: string | undefined;
  let finished = false;
  try {
    id = await stage('Error creating container', engine.create(spec, undefined, signal));
    await stage(
      'Error uploading input to container',
      engine.upload(id, '/chaincode/input', Buffer.from(run.codePackage), signal),
    );
    await build(engine, id, run);
    finished = true;
    return await stage('Error downloading output', download(engine, id, run));
  } finally {
    // A build that was given up still runs: it is ended with its container.
    await leftovers.end(mark, id, !finished);
  }
}

async function build(engine: Engine, id: string, { onLine, signal }: BuilderRun): Promise<void> {
  const tail = new LastLines(linesInError);
  const output = await stage(
    'Error attaching to container',
    ContainerOutput.attach(
      engine,
      id,
      (line) => {
        tail.push(line);
        onLine(line);
      },
      signal,
    ),
  );
  const said = (): string => tail.toArray().join('\n');
  try {
    try {
      await engine.start(id, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new DockerBuildError(`Error executing build: ${messageOf(error)} "${said()}"`, { cause: error });
    }
    const code = await stage('Error waiting for container to complete', engine.wait(id, signal));
    await output.ended;
    if (code !== 0) throw new DockerBuildError(`Error returned from build: ${code} "${said()}"`);
  } finally {
    output.close();
  }
}

async function download(engine: Engine, id: string, { outputFile, signal }: BuilderRun): Promise<number> {
  const tar = await engine.download(id, '/chaincode/output/.', signal);
  await pipeline(tar, createWriteStream(outputFile, { mode: 0o600 }), { signal });
  return (await stat(outputFile)).size;
}

/** Pulls an image that is not there. @throws `Failed to pull ‹image›: ‹why›` */
export async function ensureImage(engine: Engine, image: string, signal: AbortSignal): Promise<void> {
  if (await engine.hasImage(image, signal)) return;
  await stage(`Failed to pull ${image}`, engine.pull(image, signal));
}

/** Puts Fabric's name of a step before whatever it fails with. */
async function stage<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw wrap(what, error);
  }
}
