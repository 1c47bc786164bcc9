import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand, type CommandResult } from './command.js';

const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'dist', 'main.js');
/** Builds are kept between runs: the same package is never built twice. */
const builds = join(root, '.cache', 'builds');

/** dev.json as `chaincode-launcher dev` writes it. */
export interface DevDescription {
  readonly channel: string;
  readonly peer: { address: string; tlsCa: string; chaincode: string; operations: string };
  readonly orderer: { address: string; tlsCa: string };
  readonly msp: { id: string; adminDir: string; userDir: string };
}

/** The built program's `dev` in a process and a folder of its own. */
export class DevNetwork {
  readonly data: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #log = '';

  readonly #args: readonly string[];

  /**
   * @param env settings of this network, as CORE_… variables
   * @param args further flags of `dev`
   */
  constructor(env: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
    this.#args = args;
    needBuilt();
    this.data = mkdtempSync(join(tmpdir(), 'dev-network-'));
    this.#env = { ...process.env, FABRIC_LOGGING_SPEC: 'info', ...env };
  }

  /** Starts it and waits until it says that it is ready. */
  async start(): Promise<void> {
    const args = [program, 'dev', '--data', join(this.data, 'net'), '--builds', builds, '--ports', 'free'];
    const child = spawn(process.execPath, [...args, ...this.#args], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
    await new Promise<void>((done, failed) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('is ready')) done();
      });
      child.once('exit', (code) => failed(new Error(`dev ended at start with ${code}: ${this.#log}`)));
    });
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('dev does not run');
    return this.#child.pid;
  }

  /** All that it has logged. */
  get log(): string {
    return this.#log;
  }

  get description(): DevDescription {
    return JSON.parse(readFileSync(join(this.data, 'net', 'dev.json'), 'utf8')) as DevDescription;
  }

  /** The connection profile that it wrote for SDKs. */
  get profile(): Record<string, unknown> {
    const [file] = readdirSync(join(this.data, 'net')).filter((name) => name.startsWith('connection-'));
    return JSON.parse(readFileSync(join(this.data, 'net', file ?? ''), 'utf8')) as Record<string, unknown>;
  }

  /** Runs one command of the CLI in the environment that dev printed. */
  cli(...args: string[]): Promise<CommandResult> {
    return runCommand(process.execPath, [program, ...args], {
      cwd: root,
      env: { ...process.env, ...readEnvironment(join(this.data, 'net', 'peer.env')) },
    });
  }

  /** Like cli, but a failure fails the test. Gives what was printed. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.cli(...args);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /** Installs and instantiates a Node.js chaincode, and waits for the commit. */
  async deploy(name: string, path: string, args: readonly string[]): Promise<void> {
    await this.ok('chaincode', 'install', '-l', 'node', '-n', name, '-v', '1.0', '-p', path);
    const ctor = JSON.stringify({ Args: args });
    const target = ['-C', 'mychannel', '-n', name, '-v', '1.0', '-c', ctor];
    await this.ok('chaincode', 'instantiate', ...target, '--waitForEvent');
  }

  async query(name: string, ...args: string[]): Promise<CommandResult> {
    return this.cli(
      ...['chaincode', 'query', '-C', 'mychannel', '-n', name, '-c', JSON.stringify({ Args: args })],
    );
  }

  /** Processes of chaincode that this network started, by the address that they dial. */
  chaincodeProcesses(): { pid: number; command: string }[] {
    const address = this.description.peer.chaincode;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        const command = commandLine(pid);
        return /--?peer\.?[aA]ddress[ =]/.test(command) && command.includes(address)
          ? [{ pid: Number(pid), command }]
          : [];
      });
  }

  /** Ends it: politely, or at once as a crash would. Resolves when the process is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), 15_000);
    const code = await ended;
    clearTimeout(force);
    return code;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8')
      .replaceAll('\0', ' ')
      .trim();
  } catch {
    // It has ended since the folder was read.
    return '';
  }
}

/** The variables of a file of `export NAME=value` lines. */
function readEnvironment(file: string): Record<string, string> {
  const lines = readFileSync(file, 'utf8').matchAll(/^export ([A-Z_0-9]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/gm);
  return Object.fromEntries([...lines].map(([, name = '', a, b, c]) => [name, a ?? b ?? c ?? '']));
}

function needBuilt(): void {
  if (!existsSync(program)) throw new Error('dist/main.js is missing: run make build');
}
