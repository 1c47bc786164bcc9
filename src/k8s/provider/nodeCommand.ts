import { messageOf } from '../../errors.js';
import { simpleStartScript, startLine, type Manifest } from '../../launcher/platforms/nodeStart.js';
import type { VMStart } from '../../launcher/types.js';
import type { Logger } from '../../ops/log.js';
import { readTarGz } from '../../packages/tarGz.js';

/** Start lines by package digest: a package is read through once. */
const remembered = 200;

/** Finds out how Node.js chaincode is started without npm, which would cost every launch a third of a second. */
export class NodeCommands {
  readonly #logger: Logger;
  readonly #lines = new Map<string, Promise<string | undefined>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * The command in the place of Fabric's `npm start`, where it means the same; undefined where npm is needed.
   * @param directory where the build output lies in the container
   */
  async commandFor(
    start: VMStart,
    digest: string,
    directory: string,
  ): Promise<readonly string[] | undefined> {
    const line = await this.#line(start, digest);
    if (line === undefined) return undefined;
    const search = `${directory}/node_modules/.bin`;
    return ['/bin/sh', '-c', `cd ${directory}; PATH=${search}:$PATH ${line}`];
  }

  #line(start: VMStart, digest: string): Promise<string | undefined> {
    const key = `${digest} ${start.peerAddress}`;
    const known = this.#lines.get(key);
    if (known) return known;
    const line = startLineOf(start).catch((error: unknown) => {
      // A broken package is told by its build; npm may do what we cannot.
      this.#logger.warn(
        { err: error },
        `package.json of ${start.ccid.name} was not read: ${messageOf(error)}`,
      );
      return undefined;
    });
    this.#lines.set(key, line);
    if (this.#lines.size > remembered) {
      const oldest = this.#lines.keys().next();
      if (!oldest.done) this.#lines.delete(oldest.value);
    }
    return line;
  }
}

async function startLineOf({ codePackage, peerAddress }: VMStart): Promise<string | undefined> {
  let manifest: Manifest = {};
  let hasNpmrc = false;
  for await (const { header, content } of readTarGz(codePackage)) {
    const name = header.name.replace(/^\.?\//, '');
    if (name === 'src/.npmrc') hasNpmrc = true;
    if (name !== 'src/package.json') continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    manifest = typeof value === 'object' && value !== null ? value : {};
  }
  const script = simpleStartScript(manifest, hasNpmrc);
  return script && startLine(script, ['--peer.address', peerAddress]);
}
