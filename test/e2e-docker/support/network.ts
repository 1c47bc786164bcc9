import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { ChaincodeNetwork } from '../../support/chaincodeNetwork.js';
import { chaincodeImages, containers, docker, endpoint, leftFolders, nodeImage } from './engine.js';

export const kvRaw = resolve(import.meta.dirname, '../../../samples/kv-raw');

const peerId = 'peer0.org1.example.com';

export interface DockerSettings {
  /** Merged over vm. */
  readonly vm?: Readonly<Record<string, unknown>>;
  /** Merged over vm.docker. */
  readonly docker?: Readonly<Record<string, unknown>>;
  /** Merged over chaincode. */
  readonly chaincode?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** A development network whose chaincode runs in containers of the tests' engine, under names that no other network has. */
export class DockerNetwork extends ChaincodeNetwork {
  readonly networkId: string;

  constructor(settings: DockerSettings = {}) {
    const networkId = `n${randomBytes(4).toString('hex')}`;
    const config = {
      peer: { networkId },
      vm: {
        provider: 'docker',
        endpoint,
        docker: { hostConfig: { NetworkMode: 'host', Memory: 512 * 1024 ** 2 }, ...settings.docker },
        ...settings.vm,
      },
      chaincode: { builder: nodeImage, node: { runtime: nodeImage }, ...settings.chaincode },
    };
    super({ config, env: settings.env, ...(settings.args && { args: settings.args }) });
    this.networkId = networkId;
  }

  /** Fabric's name of a chaincode's container. */
  container(name: string, version = '1.0'): string {
    return `${this.networkId}-${peerId}-${name}-${version}`;
  }

  /** The containers of this network, or of one chaincode of it. */
  containers(name = ''): Promise<string[]> {
    return containers(`name=^/${this.networkId}-${peerId}-${name}`);
  }

  leftFolders(): string[] {
    return leftFolders(join(this.data, 'net', 'peer'));
  }

  images(): Promise<string[]> {
    return chaincodeImages(this.networkId);
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const answer = await fetch(`http://${this.description.peer.operations}${path}`);
    return { status: answer.status, text: await answer.text() };
  }

  /** The sample, but that it does nothing for so long after it was started. */
  sampleThatWaits(ms: number): string {
    const path = join(mkdtempSync(join(this.data, 'late-')), 'kv');
    cpSync(kvRaw, path, { recursive: true, filter: (source) => !source.endsWith('node_modules') });
    const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as object;
    const scripts = { start: 'node late.js' };
    writeFileSync(join(path, 'package.json'), JSON.stringify({ ...manifest, scripts }));
    writeFileSync(join(path, 'late.js'), `setTimeout(() => require('./index.js'), ${ms});`);
    return path;
  }

  /** Installs and instantiates a chaincode whose program is `code`; it must fail. Gives what the client is told. */
  async failure(name: string, code: string): Promise<string> {
    await this.install(name, this.makePackage(name, code));
    const { code: exit, stderr } = await this.instantiate(name);
    expect(exit).toBe(1);
    return stderr;
  }

  /** Ends it, and looks that nothing is left but the images, which are kept on purpose. */
  async removeAll(): Promise<void> {
    await this.stop();
    expect(this.leftFolders()).toEqual([]);
    await this.remove();
    expect(await containers()).toEqual([]);
    const images = await this.images();
    if (images.length > 0) await docker('rmi', '-f', ...images);
  }
}
