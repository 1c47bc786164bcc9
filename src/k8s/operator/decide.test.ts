import { describe, expect, it } from 'vitest';
import { labels, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { LaunchSpec, LaunchStatus } from '../api/schema.js';
import { decide } from './decide.js';
import type { ContainerStatus, Pod } from './pod.js';
import type { Observed } from './verdicts.js';

const now = new Date('2026-11-27T10:00:00.000Z');
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

function launch(spec: Partial<LaunchSpec> = {}, status?: LaunchStatus, meta: object = {}): ChaincodeLaunch {
  return {
    metadata: { name: 'kv-1-0-x', namespace: 'fabric', uid: 'launch-uid', generation: 3, ...meta },
    spec: {
      chaincode: { name: 'kv', version: '1.0', type: 'NODE' },
      peer: { id: 'peer0', mspID: 'Org1MSP', address: '10.0.0.1:7052' },
      source: { image: 'node:1', shell: true },
      command: ['node', 'index.js'],
      tls: true,
      networkPolicy: true,
      launch: 1,
      suspended: false,
      ...spec,
    },
    ...(status && { status }),
  };
}

interface PodParts {
  readonly attempt?: number;
  readonly role?: 'chaincode' | 'build';
  readonly uid?: string;
  readonly owner?: string;
  readonly deleted?: Date;
  readonly state?: ContainerStatus['state'];
  readonly fetch?: ContainerStatus['state'];
  readonly status?: Pod['status'];
  readonly node?: string | undefined;
}

function pod(parts: PodParts = {}): Pod {
  const { attempt = 1, role = 'chaincode', uid = `pod-${attempt}`, owner = 'launch-uid' } = parts;
  const main = role === 'build' ? 'builder' : 'chaincode';
  return {
    metadata: {
      name: `kv-1-0-x-${attempt}`,
      namespace: 'fabric',
      uid,
      labels: { [labels.attempt]: String(attempt), [labels.role]: role, [labels.launch]: 'kv-1-0-x' },
      ownerReferences: [{ apiVersion: 'x', kind: 'ChaincodeLaunch', name: 'kv-1-0-x', uid: owner }],
      ...(parts.deleted && { deletionTimestamp: parts.deleted.toISOString() }),
    },
    spec: { nodeName: 'node' in parts ? parts.node : 'node-1' },
    status: {
      phase: 'Running',
      containerStatuses: [
        ...(parts.state ? [{ name: main, state: parts.state }] : []),
        ...(parts.fetch ? [{ name: 'fetch', state: parts.fetch }] : []),
      ],
      ...parts.status,
    },
  };
}

const runs = { running: { startedAt: now.toISOString() } };
const ended = (exitCode: number, reason = 'Error', message = ''): ContainerStatus['state'] => ({
  terminated: { exitCode, reason, message },
});

function look(from: ChaincodeLaunch, pods: readonly Pod[] = [], more: Partial<Observed> = {}) {
  return decide({ launch: from, pods, now, ...more });
}

function condition(status: LaunchStatus | undefined, type: string) {
  return status?.conditions?.find((each) => each.type === type);
}

const begun = { begun: now.toISOString() };
const withPod: LaunchStatus = {
  attempt: 1,
  phase: 'Starting',
  pod: { name: 'p', uid: 'pod-1' },
  times: begun,
};
const registration = { launch: 1, registered: true, time: later(1).toISOString() };
const registered: LaunchStatus = {
  ...withPod,
  phase: 'Ready',
  registration,
  times: { ...begun, podCreated: now.toISOString(), registered: registration.time },
};

describe('a launch without a Pod', () => {
  it('gets one', () => {
    const decision = look(launch());
    expect(decision.create).toBe('chaincode');
    expect(decision.status).toMatchObject({ phase: 'Pending', attempt: 1, observedGeneration: 3 });
  });

  it('whose package is not built gets a build Pod first', () => {
    const source = { image: 'node:1', shell: true, package: 'sha256:aa', mountPath: '/x' };
    const decision = look(launch({ source, build: { image: 'b', command: 'c' } }));
    expect(decision.create).toBe('build');
    expect(condition(decision.status, 'Built')).toMatchObject({ status: 'False', reason: 'Building' });
  });

  it('whose package is built gets its chaincode Pod', () => {
    const source = {
      image: 'node:1',
      shell: true,
      package: 'sha256:aa',
      output: 'sha256:bb',
      mountPath: '/x',
    };
    const decision = look(launch({ source, build: { image: 'b', command: 'c' } }));
    expect(decision.create).toBe('chaincode');
    expect(condition(decision.status, 'Built')).toMatchObject({ status: 'True' });
  });

  it('that had one is over: it gets no second one for the same attempt', () => {
    const decision = look(launch({}, withPod));
    expect(decision.create).toBeUndefined();
    expect(decision.status).toMatchObject({ phase: 'Failed', reason: 'PodDeleted' });
  });

  it('is left alone while it is being deleted, or paused', () => {
    expect(look(launch({}, undefined, { deletionTimestamp: now.toISOString() }))).toEqual({ remove: [] });
    const paused = { annotations: { 'chaincode-launcher.dev/paused': 'true' } };
    expect(look(launch({}, undefined, paused))).toEqual({ remove: [] });
  });

  it('waits while a quota refuses its Pod, and fails when the time is over', () => {
    const refusal = { reason: 'QuotaExceeded', message: 'exceeded quota: q', heals: true };
    expect(look(launch(), [], { refusal }).status).toMatchObject({
      phase: 'Pending',
      reason: 'QuotaExceeded',
    });
    const old = launch(
      { timeouts: timeouts({ scheduleSeconds: 5 }) },
      { attempt: 1, phase: 'Pending', times: begun },
    );
    const late = look(old, [], { refusal, now: later(6) });
    expect(late.status).toMatchObject({ phase: 'Failed', reason: 'Timeout' });
    expect(late.status?.message).toContain('exceeded quota: q');
  });

  it('fails at once when its Pod would never be allowed', () => {
    const refusal = { reason: 'PodSecurity', message: 'violates PodSecurity', heals: false };
    expect(look(launch(), [], { refusal }).status).toMatchObject({ phase: 'Failed', reason: 'PodSecurity' });
  });
});

function timeouts(over: Partial<NonNullable<LaunchSpec['timeouts']>>): NonNullable<LaunchSpec['timeouts']> {
  return {
    buildSeconds: 300,
    scheduleSeconds: 300,
    startSeconds: 300,
    registerSeconds: 300,
    imagePullGraceSeconds: 30,
    ...over,
  };
}

describe('a launch with its Pod', () => {
  it('adopts it whoever made it', () => {
    const decision = look(launch(), [pod({ state: runs })]);
    expect(decision.create).toBeUndefined();
    expect(decision.status).toMatchObject({
      phase: 'Registering',
      pod: { name: 'kv-1-0-x-1', uid: 'pod-1', node: 'node-1' },
    });
  });

  it('is Scheduling, with the scheduler’s words, while no node is found', () => {
    const waiting = pod({
      node: undefined,
      status: {
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
        ],
      },
    });
    expect(look(launch(), [waiting]).status).toMatchObject({
      phase: 'Scheduling',
      reason: 'Unschedulable',
      message: 'no node for the Pod: 0/3 nodes',
    });
  });

  it('is Ready and opens the gate once the endorser has told the registration of this attempt', () => {
    const decision = look(launch({}, { ...withPod, registration }), [pod({ state: runs })]);
    expect(decision.openGate?.metadata.uid).toBe('pod-1');
    expect(decision.status).toMatchObject({ phase: 'Ready', times: { registered: registration.time } });
    for (const type of ['Ready', 'Registered', 'Started', 'PodScheduled']) {
      expect([type, condition(decision.status, type)?.status]).toEqual([type, 'True']);
    }
    expect(condition(decision.status, 'Reconciling')?.status).toBe('False');
  });

  it('does not take the registration of another attempt for its own', () => {
    const stale = { ...withPod, attempt: 2, registration };
    const decision = look(launch({ launch: 2 }, stale), [pod({ attempt: 2, uid: 'pod-1', state: runs })]);
    expect(decision.openGate).toBeUndefined();
    expect(decision.status?.phase).toBe('Registering');
  });

  it('opens the gate once', () => {
    const open = pod({
      state: runs,
      status: { conditions: [{ type: 'chaincode-launcher.dev/registered', status: 'True' }] },
    });
    expect(look(launch({}, registered), [open]).openGate).toBeUndefined();
  });

  it('is not Ready any more when the stream has ended', () => {
    const gone = { ...registered, registration: { ...registration, registered: false } };
    const decision = look(launch({}, gone), [pod({ state: runs })]);
    expect(condition(decision.status, 'Ready')?.status).toBe('False');
    expect(condition(decision.status, 'Registered')).toMatchObject({
      status: 'False',
      reason: 'StreamEnded',
    });
  });

  it('that exits before it registered has failed, with code, signal and last lines', () => {
    const decision = look(launch({}, withPod), [pod({ state: ended(137, 'Error', 'one\n\ntwo\n') })]);
    expect(decision.status).toMatchObject({
      phase: 'Failed',
      reason: 'ContainerExited',
      message: 'container exited with 137',
      exit: { code: 137, signal: 'SIGKILL', lastLines: ['one', 'two'] },
    });
    expect(condition(decision.status, 'Stalled')?.status).toBe('True');
  });

  it('that exits with 0 tells the lines that were read from its log', () => {
    const decision = look(launch({}, withPod), [pod({ state: ended(0, 'Completed') })], { output: ['bye'] });
    expect(decision.status?.exit).toMatchObject({ code: 0, lastLines: ['bye'] });
  });

  it('that is for another architecture says so', () => {
    const exit = ended(126, 'Error', 'exec /usr/local/bin/chaincode: exec format error\n');
    expect(look(launch({}, withPod), [pod({ state: exit })]).status?.message).toContain(
      'another architecture',
    );
  });

  it('that exits after it registered was stopped, not failed', () => {
    const decision = look(launch({}, registered), [pod({ state: ended(137, 'OOMKilled') })]);
    expect(decision.status).toMatchObject({
      phase: 'Stopped',
      reason: 'OOMKilled',
      exit: { reason: 'OOMKilled' },
    });
  });

  it('keeps what the Pod told before it removes the Pod', () => {
    const gone = pod({ state: ended(1) });
    const first = look(launch({}, withPod), [gone]);
    expect(first.remove).toEqual([]);
    expect(first.againInMs).toBe(0);
    const second = look(launch({}, first.status), [gone]);
    expect(second.remove).toEqual([gone]);
    expect(second.status).toEqual(first.status);
  });

  it.each(['InvalidImageName', 'CreateContainerConfigError', 'ErrImageNeverPull'])(
    'fails at once for %s',
    (reason) => {
      const decision = look(launch(), [pod({ state: { waiting: { reason, message: 'why' } } })]);
      expect(decision.status).toMatchObject({ phase: 'Failed', reason, message: 'container chaincode: why' });
    },
  );

  it('gives a failing pull its grace, and then fails with the kubelet’s words', () => {
    const failing = [pod({ state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off' } } })];
    const first = look(launch({ timeouts: timeouts({ imagePullGraceSeconds: 30 }) }), failing);
    expect(first.status).toMatchObject({ phase: 'Starting', reason: 'ImagePullBackOff' });
    expect(first.againInMs).toBe(30_000);
    const late = look(launch({}, first.status), failing, { now: later(31) });
    expect(late.status).toMatchObject({ phase: 'Failed', reason: 'ImagePullBackOff' });
  });

  it('fails when its files cannot be fetched, with the fetcher’s words', () => {
    const decision = look(launch(), [
      pod({ state: runs, fetch: ended(1, 'Error', 'fetch: 403 not yours\n') }),
    ]);
    expect(decision.status).toMatchObject({
      phase: 'Failed',
      reason: 'FetchFailed',
      message: 'the files of the chaincode could not be fetched: fetch: 403 not yours',
    });
  });

  it('fails when it does not register in time', () => {
    const first = look(launch({ timeouts: timeouts({ registerSeconds: 7 }) }), [pod({ state: runs })]);
    const waiting = launch({ timeouts: timeouts({ registerSeconds: 7 }) }, first.status);
    const late = look(waiting, [pod({ state: runs })], { now: later(8) });
    expect(late.status).toMatchObject({ phase: 'Failed', reason: 'Timeout' });
    expect(late.status?.message).toContain('7 s expired while waiting for the registration');
  });

  it('that was evicted says so', () => {
    const evicted = pod({
      status: {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
        containerStatuses: [],
      },
    });
    expect(look(launch({}, registered), [evicted]).status).toMatchObject({
      phase: 'Stopped',
      reason: 'Evicted',
      message: 'The node was low on resource: memory.',
    });
  });
});

describe('a new attempt', () => {
  it('removes the Pod of the last one, and waits for its end', () => {
    const old = pod({ state: runs });
    const decision = look(launch({ launch: 2 }, registered), [old]);
    expect(decision.remove).toEqual([old]);
    expect(decision.create).toBeUndefined();
    expect(decision.status).toMatchObject({ attempt: 2, phase: 'Pending', reason: 'WaitingForOldPod' });
    expect(decision.status?.exit).toBeUndefined();
  });

  it('does not wait for a Pod whose chaincode has ended', () => {
    const stopped: LaunchStatus = { ...registered, phase: 'Stopped' };
    expect(look(launch({ launch: 2 }, stopped), [pod({ state: ended(0), deleted: now })]).create).toBe(
      'chaincode',
    );
  });

  it('that is asked for before the eviction of the last one was told lets it be told first', () => {
    const evicted = pod({
      state: runs,
      deleted: now,
      status: {
        phase: 'Running',
        conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }],
      },
    });
    const before = launch({ launch: 2 }, { ...registered, observedGeneration: 2 });
    const told = look(before, [evicted]);
    expect(told.status).toMatchObject({
      attempt: 1,
      phase: 'Stopped',
      reason: 'Evicted',
      observedGeneration: 2,
    });
    expect(told.create).toBeUndefined();
    expect(look({ ...before, status: told.status! }, [evicted]).status).toMatchObject({
      attempt: 2,
      reason: 'WaitingForOldPod',
    });
  });

  it('that is asked for after the Pod of the last one has vanished unseen lets that be told first', () => {
    const told = look(launch({ launch: 2 }, registered));
    expect(told.status).toMatchObject({ attempt: 1, phase: 'Stopped', reason: 'PodDeleted' });
    expect(look(launch({ launch: 2 }, told.status)).create).toBe('chaincode');
  });

  it('that is asked for before the exit of the last one was told lets it be told first', () => {
    const told = look(launch({ launch: 2 }, registered), [pod({ state: ended(3) })]);
    expect(told.status).toMatchObject({ attempt: 1, phase: 'Stopped', exit: { code: 3 } });
    expect(look(launch({ launch: 2 }, told.status), [pod({ state: ended(3) })]).create).toBe('chaincode');
  });

  it('does not wait for ever for a Pod on a lost node', () => {
    const stuck = [pod({ state: runs, deleted: now })];
    expect(look(launch({ launch: 2 }), stuck).create).toBeUndefined();
    expect(look(launch({ launch: 2 }), stuck, { now: later(41) }).create).toBe('chaincode');
  });

  it('takes a Pod of an object of the same name that was deleted for an old one', () => {
    const decision = look(launch(), [pod({ owner: 'another-uid', state: runs })]);
    expect(decision.remove).toHaveLength(1);
    expect(decision.create).toBeUndefined();
  });
});

describe('a suspended launch', () => {
  it('loses its Pod, and was stopped when it had registered', () => {
    const decision = look(launch({ suspended: true, suspendReason: 'enough' }, registered), [
      pod({ state: runs }),
    ]);
    expect(decision.remove).toHaveLength(1);
    expect(decision.status).toMatchObject({ phase: 'Stopped', reason: 'Suspended', message: 'enough' });
  });

  it('has failed when it was given up before it registered', () => {
    const decision = look(launch({ suspended: true, suspendReason: 'timeout expired' }, withPod), [
      pod({ state: runs }),
    ]);
    expect(decision.status).toMatchObject({ phase: 'Failed', reason: 'GivenUp', message: 'timeout expired' });
  });

  it('keeps the reason of a failure that came first', () => {
    const failed: LaunchStatus = { ...withPod, phase: 'Failed', reason: 'OOMKilled', message: 'm' };
    expect(look(launch({ suspended: true }, failed)).status).toMatchObject({
      phase: 'Failed',
      reason: 'OOMKilled',
    });
  });
});

describe('a launch that is over', () => {
  const over: LaunchStatus = {
    ...withPod,
    phase: 'Failed',
    reason: 'x',
    times: { ...begun, ended: now.toISOString() },
  };

  it('is deleted when it was kept long enough', () => {
    const kept = look(launch({ ttlSecondsAfterFinished: 60 }, over), [], { now: later(59) });
    expect(kept.deleteLaunch).toBeUndefined();
    expect(kept.againInMs).toBe(1000);
    expect(look(launch({ ttlSecondsAfterFinished: 60 }, over), [], { now: later(60) }).deleteLaunch).toBe(
      true,
    );
  });

  it('stays without such a time', () => {
    expect(look(launch({}, over), [], { now: later(1e6) }).deleteLaunch).toBeUndefined();
  });

  it('says the same again: nothing would be written', () => {
    const first = look(launch({}, over)).status;
    expect(look(launch({}, first), [], { now: later(5) }).status).toEqual(first);
  });
});

describe('a build', () => {
  const source = { image: 'node:1', shell: true, package: 'sha256:aa', mountPath: '/x' };
  const unbuilt = launch({ source, build: { image: 'b', command: 'c' } });

  it('that fails ends the launch in Fabric’s words with its output', () => {
    const decision = look(unbuilt, [pod({ role: 'build', state: ended(2, 'Error', 'a\nno such header\n') })]);
    expect(decision.status).toMatchObject({
      phase: 'Failed',
      reason: 'BuildFailed',
      message:
        'Failed to generate platform-specific docker build: Error returned from build: 2 "a\nno such header"',
    });
  });

  it('that has ended well waits for the endorser to name the output', () => {
    const decision = look(unbuilt, [
      pod({ role: 'build', state: ended(0, 'Completed'), status: { phase: 'Succeeded' } }),
    ]);
    expect(decision.status).toMatchObject({ phase: 'Building', buildPod: { uid: 'pod-1' } });
  });

  it('that takes too long fails', () => {
    const slow = launch(
      { ...unbuilt.spec, timeouts: timeouts({ buildSeconds: 9 }) },
      { attempt: 1, times: begun },
    );
    const decision = look(slow, [pod({ role: 'build', state: runs })], { now: later(10) });
    expect(decision.status).toMatchObject({ phase: 'Failed', reason: 'Timeout' });
  });

  it('leaves its Pod to be removed when the chaincode’s Pod is made, without waiting for it', () => {
    const built = launch({ source: { ...source, output: 'sha256:bb' }, build: { image: 'b', command: 'c' } });
    const builder = pod({ role: 'build', state: ended(0, 'Completed') });
    const decision = look(built, [builder]);
    expect(decision.remove).toEqual([builder]);
    expect(decision.create).toBe('chaincode');
  });
});

describe('a launch in a prewarmed Pod', () => {
  const adopting = launch({ adopt: { launch: 'warm-1', podUid: 'warm-uid' } });

  it('takes the Pod over, and makes none', () => {
    const warm = pod({ uid: 'warm-uid', owner: 'warm-launch', state: runs });
    const decision = look(adopting, [], { prewarmed: warm });
    expect(decision).toEqual({ adopt: warm, remove: [] });
  });

  it('waits a little for a Pod that the watch has not told of, and then is lost', () => {
    const first = look(adopting);
    expect(first.create).toBeUndefined();
    expect(first.status).toMatchObject({ phase: 'Pending', reason: 'WaitingForPrewarmedPod' });
    const late = look({ ...adopting, status: first.status! }, [], { now: later(4) });
    expect(late.status).toMatchObject({ phase: 'Failed', reason: 'PodDeleted' });
  });

  it('is Warm, for ever, while it waits for a chaincode', () => {
    const warm = launch({ warm: true, timeouts: timeouts({ registerSeconds: 1 }) });
    const first = look(warm, [pod({ state: runs })]);
    expect(first.status).toMatchObject({ phase: 'Warm' });
    expect(condition(first.status, 'Reconciling')?.status).toBe('False');
    const late = look({ ...warm, status: first.status! }, [pod({ state: runs })], { now: later(1e5) });
    expect(late.status?.phase).toBe('Warm');
  });
});
