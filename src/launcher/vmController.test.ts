import { describe, expect, it } from 'vitest';
import type { CCID, ExitStatus, VMProvider } from './types.js';
import { stopRequest, VMController, vmName, waitRequest } from './vmController.js';

const ccid: CCID = { name: 'mycc', version: '1.0' };

function recordingProvider() {
  const events: string[] = [];
  const provider: VMProvider = {
    name: 'fake',
    start: async () => undefined,
    wait: () => new Promise<ExitStatus>(() => undefined),
    stop: async ({ name }) => {
      events.push(`stop ${name}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      events.push(`stopped ${name}`);
      if (name === 'broken') throw new Error('cannot');
    },
    healthCheck: async () => undefined,
    close: async () => undefined,
  };
  return { events, provider };
}

describe('the VM controller', () => {
  it('names a VM by name and version, or by the name alone', () => {
    expect(vmName(ccid)).toBe('mycc-1.0');
    expect(vmName({ name: 'mycc', version: '' })).toBe('mycc');
  });

  it('lets one request after the other at the same VM, and others pass', async () => {
    const { events, provider } = recordingProvider();
    const controller = new VMController({ DOCKER: provider });
    await Promise.all([
      controller.process('DOCKER', stopRequest(ccid)),
      controller.process('DOCKER', stopRequest(ccid)),
      controller.process('DOCKER', stopRequest({ name: 'other', version: '1' })),
    ]);
    expect(events).toEqual([
      'stop mycc',
      'stop other',
      'stopped mycc',
      'stop mycc',
      'stopped other',
      'stopped mycc',
    ]);
    expect(controller.lockedNames).toEqual([]);
  });

  it('frees the name when a request fails', async () => {
    const { provider } = recordingProvider();
    const controller = new VMController({ DOCKER: provider });
    const broken = { name: 'broken', version: '' };
    const outcomes = await Promise.allSettled([
      controller.process('DOCKER', stopRequest(broken)),
      controller.process('DOCKER', stopRequest(broken)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(controller.lockedNames).toEqual([]);
  });

  it('stops what somebody waits for', async () => {
    const { events, provider } = recordingProvider();
    const controller = new VMController({ DOCKER: provider });
    void controller.process('DOCKER', waitRequest(ccid));
    await controller.process('DOCKER', stopRequest(ccid));
    expect(events).toEqual(['stop mycc', 'stopped mycc']);
  });

  it('names a container type that nobody provides', async () => {
    await expect(new VMController({}).process('DOCKER', stopRequest(ccid))).rejects.toThrow(
      'Programming error: unsupported VM type: DOCKER',
    );
  });
});
