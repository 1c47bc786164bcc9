import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../support/eventually.js';

const run = promisify(execFile);

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run make e2e-docker`);
  return value;
}

/** What test/e2e-docker/run has started for the tests. */
export const endpoint = setting('DOCKER_E2E_ENDPOINT');
export const tlsEndpoint = setting('DOCKER_E2E_TLS_ENDPOINT');
/** Folder with ca.crt, client.crt and client.key. */
export const tlsFolder = setting('DOCKER_E2E_TLS');
/** This machine's address for containers that are not on its own network. */
export const bridgeHost = setting('DOCKER_E2E_HOST');
/** The engine's folder, with its daemon.json. */
export const engineState = setting('DOCKER_E2E_STATE');
/** Where the engine's disk is mounted. */
export const engineDisk = setting('DOCKER_E2E_DATA');
export const nodeImage = setting('DOCKER_E2E_NODE_IMAGE');
/** Images that are there only with their tools. */
export const javaImage = process.env['DOCKER_E2E_JAVA_IMAGE'];
export const goImage = process.env['DOCKER_E2E_GO_IMAGE'];

/** Runs Docker's own client on the engine. Gives what it prints. */
export async function docker(...args: string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: endpoint };
  return (await run('docker', args, { env, maxBuffer: 1 << 26 })).stdout.trim();
}

/** engine.sh with one of its commands. */
export async function engineScript(...args: string[]): Promise<void> {
  await run(resolve(import.meta.dirname, '../engine.sh'), args);
}

/** Names of containers, whatever state they are in. */
export async function containers(...filter: string[]): Promise<string[]> {
  const filters = filter.flatMap((each) => ['--filter', each]);
  return (await docker('ps', '-a', ...filters, '--format', '{{.Names}}')).split('\n').filter(Boolean);
}

/** Folders of image builds that were not removed, below a peer's own folder. */
export function leftFolders(peerFolder: string): string[] {
  const folder = join(peerFolder, 'chaincode-images');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Images of chaincode, but not the base images. */
export async function chaincodeImages(networkId: string): Promise<string[]> {
  const names = (await docker('images', '--format', '{{.Repository}}')).split('\n');
  return names.filter((name) => name.startsWith(`${networkId}-`));
}

/** An engine and its containers take longer than a process. */
export function until(what: string, condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  return eventually(what, condition, ms);
}
