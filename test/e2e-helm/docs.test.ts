import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectl } from '../e2e-k8s/support/kubectl.js';
import { commandBlocks, type CommandBlock } from './support/markdown.js';
import { Terminal } from './support/terminal.js';
import { Volumes } from './support/volumes.js';

const root = resolve(import.meta.dirname, '../..');

/** What this run has of what blocks need. */
const here: Readonly<Record<string, boolean>> = {
  kind: process.env['E2E_CLUSTER'] === 'kind',
  docker: process.env['E2E_REGISTRY'] !== undefined,
};

/** The page's example of a registry becomes the one of this run; nothing else of a page is changed. */
function asHere(commands: string): string {
  return commands.replace(/^REGISTRY=.*$/m, `REGISTRY=${process.env['E2E_REGISTRY']}`);
}

/** Succeeds when the commands do not; the reader's shell goes on after an error. */
function failing(commands: string): string {
  return `set +e\n(set -e\n${commands}\n)\nended=$?\nset -e\n[ $ended != 0 ]`;
}

/** A checkout as a user has it: what git knows, without anything that was built. */
function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  const files = 'git ls-files -z --cached --others --exclude-standard --deduplicate';
  const copy = `${files} | tar -c --null --ignore-failed-read -T - | tar -x -C "${folder}"`;
  execFileSync('bash', ['-o', 'pipefail', '-c', copy], { cwd: root });
  return folder;
}

describe('the commands of', () => {
  let folder: string;
  const volumes = new Volumes();

  beforeAll(async () => {
    folder = checkout();
    await volumes.offer(2);
  });

  afterAll(async () => {
    // A page may have removed it.
    await kubectl('apply', '--server-side', '--force-conflicts', '-f', join(root, 'deploy/crds'));
    await volumes.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const page of ['README.md', 'docs/getting-started.md']) {
    describe(page, () => {
      const terminals: Terminal[] = [];
      const open = (): Terminal => {
        const terminal = new Terminal(folder, process.env);
        terminals.push(terminal);
        return terminal;
      };
      let terminal: Terminal;
      let failed: string | undefined;

      beforeAll(() => {
        terminal = open();
      });

      afterAll(async () => {
        for (const each of terminals) await each.close();
        await kubectl('delete', 'namespace', 'fabric', '--ignore-not-found', '--timeout=60s');
      });

      for (const block of commandBlocks(readFileSync(join(root, page), 'utf8'))) {
        const title = `line ${block.line}: ${block.commands.split('\n')[0]}`;
        const { only } = block;
        if (only !== undefined && here[only] !== true) {
          console.warn(`${page} line ${block.line} is not run: there is no ${only} here`);
          continue;
        }
        it(
          title,
          async () => {
            expect(failed, 'an earlier block').toBeUndefined();
            failed = title;
            await run(block);
            failed = undefined;
          },
          600_000,
        );
      }

      async function run(block: CommandBlock): Promise<void> {
        const commands = asHere(block.commands);
        if (block.until !== undefined) return open().runUntil(commands, block.until);
        const { code, output } = await terminal.run(block.fails === undefined ? commands : failing(commands));
        expect(code, output).toBe(0);
        if (block.fails !== undefined) expect(output).toContain(block.fails);
        if (block.prints !== undefined) expect(output).toContain(block.prints);
      }
    });
  }

  it('README.md that are not typed here, which are those of make, are those of CI', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const ci = readFileSync(join(root, '.ci/run'), 'utf8');
    const indented = [...readme.matchAll(/^ {4}(\S.*)$/gm)].map(([, command = '']) => command);
    const targets = indented.map((command) => /^make ([a-z0-9-]+) +#/.exec(command)?.[1] ?? command);
    // They need recorded data, or time without other work on the machine.
    const byHand = ['golden', 'bench-k8s', 'bench'];
    const run = targets.filter((target) => new RegExp(`^make ${target}$`, 'm').test(ci));
    expect(targets.filter((target) => !run.includes(target))).toEqual(byHand);
    expect(run).toContain('demo');
  });
});
