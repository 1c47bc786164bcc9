// A development network of its own for the bench, in a process of its own, with free ports.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ClientIdentity, FabricClient } from './fabricClient.mjs';

const root = resolve(import.meta.dirname, '../..');

export class BenchNetwork {
  #child;
  #data;
  #args;

  /** @param args further flags of `dev` */
  constructor(data, args = []) {
    this.#data = data;
    this.#args = args;
  }

  async start() {
    const args = [
      join(root, 'dist/main.js'),
      'dev',
      '--data',
      this.#data,
      '--builds',
      join(root, '.cache/builds'),
      '--ports',
      'free',
      ...this.#args,
    ];
    const env = { ...process.env, FABRIC_LOGGING_SPEC: process.env.FABRIC_LOGGING_SPEC ?? 'warn' };
    this.#child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((done, failed) => {
      let text = '';
      this.#child.stdout.on('data', (chunk) => {
        text += chunk;
        if (text.includes('is ready')) done();
      });
      this.#child.once('exit', (code) => failed(new Error(`the network ended at start with code ${code}`)));
    });
    this.description = JSON.parse(readFileSync(join(this.#data, 'dev.json'), 'utf8'));
  }

  get child() {
    return this.#child;
  }

  client() {
    const { peer, orderer, channel, msp } = this.description;
    return new FabricClient({
      endorser: peer.address,
      orderer: orderer.address,
      peerTlsCa: peer.tlsCa,
      ordererTlsCa: orderer.tlsCa,
      identity: new ClientIdentity(msp.adminDir, msp.id),
      channel,
    });
  }

  /** Resident memory of the network's process in MB. */
  rss() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
  }

  /** Processor seconds that the network's process has used. */
  cpuSeconds() {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async stop() {
    const ended = new Promise((done) => this.#child.once('exit', done));
    this.#child.kill('SIGTERM');
    await ended;
  }
}
