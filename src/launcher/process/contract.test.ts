import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../test/support/silentLogger.js';
import { vmContract } from '../../../test/support/vmContract.js';
import { ProcessVMProvider } from './provider.js';

/** Where a process works; undefined when it has ended meanwhile. */
function folderOf(pid: string): string | undefined {
  try {
    return readlinkSync(join('/proc', pid, 'cwd'));
  } catch {
    return undefined;
  }
}

vmContract({
  name: 'process',
  timeoutMs: 30_000,
  open: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'process-contract-'));
    const provider = new ProcessVMProvider({ dir, logger: silentLogger(), killGraceMs: 300 });
    await provider.healthCheck();
    return {
      provider,
      remains: async () => [
        ...readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && folderOf(pid)?.startsWith(dir)),
        ...readdirSync(join(dir, 'launches')),
      ],
      kill: async ({ lines }) => {
        process.kill(Number(lines.find((line) => line.startsWith('pid '))?.slice(4)), 'SIGKILL');
      },
      remove: async () => rmSync(dir, { recursive: true, force: true }),
    };
  },
});
