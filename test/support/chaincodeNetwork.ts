import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { CommandResult } from './command.js';
import { DevNetwork } from './devNetwork.js';
import { writePackage } from './madePackage.js';

/** How a network is started. */
export interface ChaincodeNetworkSettings {
  /** Its core.yaml. */
  readonly config: object;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Further flags of `dev`. */
  readonly args?: readonly string[];
}

/** A development network with a core.yaml of its own, and short words for the commands of chaincode. */
export class ChaincodeNetwork extends DevNetwork {
  readonly #folder: string;

  constructor({ config, env, args = [] }: ChaincodeNetworkSettings) {
    const folder = mkdtempSync(join(tmpdir(), 'chaincode-network-'));
    writeFileSync(join(folder, 'core.yaml'), stringify(config));
    super(env, [...args, '--config', join(folder, 'core.yaml')]);
    this.#folder = folder;
  }

  /** A Node.js chaincode without dependencies whose program is `code`; gives its folder. */
  makePackage(name: string, code: string, more: Readonly<Record<string, Buffer | string>> = {}): string {
    return writePackage(join(this.#folder, name), code, more);
  }

  async install(name: string, path: string, version = '1.0', type = 'node'): Promise<void> {
    await this.ok('chaincode', 'install', '-l', type, '-n', name, '-v', version, '-p', path);
  }

  instantiate(name: string, args: readonly string[] = ['init'], version = '1.0'): Promise<CommandResult> {
    return this.cli('chaincode', 'instantiate', ...target(name), '-v', version, ...ctor(args), waitForEvent);
  }

  async upgrade(name: string, version: string, args: readonly string[]): Promise<void> {
    await this.ok('chaincode', 'upgrade', ...target(name), '-v', version, ...ctor(args), waitForEvent);
  }

  async invoke(name: string, ...args: string[]): Promise<string> {
    return this.ok('chaincode', 'invoke', ...target(name), ...ctor(args), waitForEvent);
  }

  override async remove(): Promise<void> {
    await super.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const waitForEvent = '--waitForEvent';
const target = (name: string): string[] => ['-C', 'mychannel', '-n', name];
const ctor = (args: readonly string[]): string[] => ['-c', JSON.stringify({ Args: args })];
