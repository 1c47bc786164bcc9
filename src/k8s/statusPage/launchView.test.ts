import { describe, expect, it } from 'vitest';
import { aLaunch, at, failedStatus, readyStatus } from '../../../test/support/launches.js';
import { quoted } from './commands.js';
import { detailOf, rowOf } from './launchView.js';
import { firstLine, withoutCredentials } from './plainText.js';

describe('the line of a launch', () => {
  it('says what the object says', () => {
    expect(rowOf(aLaunch({ status: readyStatus }))).toEqual({
      key: 'fabric/kv-1-0-x',
      namespace: 'fabric',
      name: 'kv-1-0-x',
      chaincode: 'kv',
      version: '1.0',
      type: 'NODE',
      peer: 'peer0.org1',
      mspId: 'Org1MSP',
      channel: 'mychannel',
      phase: 'Ready',
      ready: true,
      reason: 'Registered',
      message: 'the chaincode has registered',
      attempt: 1,
      created: at(0),
      begun: at(0),
      registered: at(1.9),
      pod: 'kv-1-0-x-1-abc',
      node: 'node-1',
      marks: [],
    });
  });

  it('is Pending while no operator has seen the launch', () => {
    const row = rowOf(aLaunch({ spec: { launch: 3 } }));
    expect(row).toMatchObject({ phase: 'Pending', ready: false, reason: '', message: '', attempt: 3 });
    expect(row.begun).toBeUndefined();
  });

  it('has the first line of the message alone', () => {
    const message = `build failed: 1 "npm ERR!\n${'x'.repeat(5000)}"`;
    expect(rowOf(aLaunch({ status: { ...failedStatus, message } })).message).toBe(
      'build failed: 1 "npm ERR!…',
    );
  });

  it('says what people have asked of it', () => {
    const metadata = {
      annotations: { 'chaincode-launcher.dev/paused': 'true' },
      deletionTimestamp: at(9),
    };
    const spec = { suspended: true };
    expect(rowOf(aLaunch({ metadata, spec })).marks).toEqual(['paused', 'suspended', 'deleting']);
    expect(rowOf(aLaunch({ spec, status: { ...readyStatus, phase: 'Stopped' } })).marks).toEqual([]);
  });
});

describe('the page of a launch', () => {
  it('has exit code, last lines, bars and conditions', () => {
    const { exit, bars, conditions, image } = detailOf(aLaunch({ status: failedStatus }));
    expect(exit).toEqual({
      code: 1,
      reason: 'Error',
      signal: undefined,
      lastLines: ['Error: cannot find module', '    at main.js:1'],
    });
    expect(bars.map(({ phase }) => phase)).toEqual(['Pending', 'Scheduling', 'Starting', 'Registering']);
    expect(conditions[0]).toMatchObject({ type: 'Ready', status: 'False', since: at(0) });
    expect(image).toBe('registry.example.com/node:1');
  });

  it('names commands for the Pod while there is one', () => {
    expect(detailOf(aLaunch({ status: readyStatus })).commands.map(({ command }) => command)).toEqual([
      'chaincode-launcher launches explain kv-1-0-x -n fabric',
      'kubectl -n fabric describe chaincodelaunch kv-1-0-x',
      'kubectl -n fabric describe pod kv-1-0-x-1-abc',
      'kubectl -n fabric logs -f kv-1-0-x-1-abc -c chaincode',
    ]);
    expect(detailOf(aLaunch({ status: failedStatus })).commands).toHaveLength(2);
  });

  it('names the container of the build while it builds', () => {
    const status = {
      phase: 'Building',
      buildPod: { name: 'kv-b', uid: 'b' },
      times: { begun: at(0) },
    } as const;
    expect(detailOf(aLaunch({ status })).commands.at(-1)?.command).toBe(
      'kubectl -n fabric logs -f kv-b -c builder',
    );
  });

  it('has nothing of environment, command lines, certificates and endpoints', () => {
    const secret = 'hunter2';
    const launch = aLaunch({
      metadata: { annotations: { note: secret }, labels: { note: secret } },
      spec: {
        command: ['node', `--token=${secret}`],
        env: [{ name: 'PASSWORD', value: secret }],
        build: { image: 'builder:1', command: `login ${secret}`, env: { NPM_TOKEN: secret } },
        source: {
          image: 'node:1',
          shell: true,
          artifacts: { url: `https://u:${secret}@host`, caBundle: secret, audience: secret },
        },
        suspendReason: secret,
        pod: { template: { metadata: { annotations: { note: secret } } } },
      },
      status: {
        ...failedStatus,
        message: `cannot fetch https://me:${secret}@npm.example.com/x`,
        exit: {
          code: 1,
          lastLines: [`//npm.example.com/:_authToken=${secret}`, `Authorization: Bearer ${secret}xyz`],
        },
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'X',
            message: `git+ssh://${secret}@host`,
            lastTransitionTime: at(0),
          },
        ],
      },
    });
    expect(JSON.stringify(detailOf(launch))).not.toContain(secret);
  });
});

describe('texts of others', () => {
  it('lose credentials and nothing else', () => {
    expect(withoutCredentials('GET https://user:pa$$@npm.example.com/kv?a=b@c failed')).toBe(
      'GET https://***@npm.example.com/kv?a=b@c failed',
    );
    expect(withoutCredentials('mail me@example.com about https://example.com/a@b')).toBe(
      'mail me@example.com about https://example.com/a@b',
    );
  });

  it('are looked through in no time, whatever they are', () => {
    const begin = performance.now();
    for (const text of ['a.'.repeat(20_000), '://'.repeat(15_000), 'bearer '.repeat(6000)])
      withoutCredentials(text);
    expect(performance.now() - begin).toBeLessThan(500);
  });

  it('are cut at the first line and at a length', () => {
    expect(firstLine('one', 10)).toBe('one');
    expect(firstLine('one\ntwo', 10)).toBe('one…');
    expect(firstLine('0123456789', 5)).toBe('0123…');
  });

  it('are one word for a shell', () => {
    expect(quoted('kv-1.0')).toBe('kv-1.0');
    expect(quoted("x'; rm -rf /")).toBe(`'x'\\''; rm -rf /'`);
    expect(quoted('-n')).toBe("'-n'");
  });
});
