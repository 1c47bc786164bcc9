import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildProgram, runProgram } from '../../src/cli/program.js';
import { describeGolden, fixture, fixtureJson, fixturesDir } from '../support/fixtures.js';
import { recordedOrderer } from '../support/recordedOrderer.js';
import { recordedPeer } from '../support/recordedPeer.js';

interface Transcript {
  readonly name: string;
  readonly identity: string;
  readonly command: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly usagePrinted?: boolean;
}

const noCommits = 'the orderer of this test feeds no peer';
const onePeer = 'there is one peer here';
const noSuchCommand = (name: string): Record<string, string> => ({ [name]: 'not a command of ours' });

/** Transcripts that are not run, by the begin of their names, and why. */
const left: Readonly<Record<string, string>> = {
  version: 'Fabric tells its Go build',
  'node status': 'there is /healthz instead',
  ...noSuchCommand('channel create of an existing channel'),
  ...noSuchCommand('channel create without -c'),
  ...noSuchCommand('channel create with a bad name'),
  ...noSuchCommand('channel create without orderer'),
  ...noSuchCommand('channel update with a stale update'),
  ...noSuchCommand('channel update without -f'),
  ...noSuchCommand('channel update, garbage file'),
  ...noSuchCommand('channel update by a user'),
  ...noSuchCommand('channel signconfigtx'),
  ...noSuchCommand('channel signconfigtx without -f'),
  'instantiate a second time': noCommits,
  'invoke --waitForEvent': noCommits,
  'invoke of ksand at one peer, --waitForEvent (endorsement policy not satisfied)': noCommits,
  'invoke --waitForEvent at two peers': onePeer,
  'query --peerAddresses of Org2': onePeer,
  'invoke without orderer flag': 'the endpoint in the channel is the one of the recording',
};

/** Transcripts whose answer differs, and why. */
const known: Readonly<Record<string, string>> = {
  'channel list without TLS against a TLS peer': 'we wait for HTTP/2, Go only for TCP',
  'instantiate, orderer without TLS flags': 'we wait for HTTP/2, Go only for TCP',
  'channel without subcommand': 'names our commands',
  'channel unknown subcommand': 'names our commands',
  'query of qscc --hex': 'the height, after other transactions',
  'list --installed': 'the proposals before had installed more, and cc/ks is another package',
  'list --instantiated': noCommits,
  'list --instantiated by a user': noCommits,
};

describeGolden('recorded commands of the peer CLI, run again in their order', 'cli-14', () => {
  const { transcripts } = fixtureJson('cli-14', 'transcripts.json') as { transcripts: Transcript[] };
  const peerOrgs = join(fixturesDir, 'crypto-14/peerOrganizations');
  const tlsCa = (org: number): string =>
    join(peerOrgs, `org${org}.example.com/peers/peer0.org${org}.example.com/tls/ca.crt`);
  let peer: Awaited<ReturnType<typeof recordedPeer>>;
  let orderer: Awaited<ReturnType<typeof recordedOrderer>>;
  let folder: string;

  beforeAll(async () => {
    peer = await recordedPeer({ tls: true });
    orderer = await recordedOrderer();
    folder = mkdtempSync(join(tmpdir(), 'cli-golden-'));
    prepareFolder(folder);
  }, 240_000);

  afterAll(async () => {
    await peer.close();
    await orderer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Placeholders and addresses of the recording → ours. */
  function here(text: string): string {
    return text
      .replaceAll('127.0.0.1:7051', peer.address)
      .replaceAll('127.0.0.1:7050', orderer.address)
      .replaceAll('{PEER1_TLS_CA}', tlsCa(1))
      .replaceAll('{PEER2_TLS_CA}', tlsCa(2))
      .replaceAll('{ORDERER_CA}', orderer.caFile)
      .replaceAll('{GOPATH}', join(folder, 'gopath'))
      .replaceAll('{ART}', folder)
      .replaceAll('{DIR}', join(folder, 'nothing'));
  }

  function environmentOf({ identity, environment }: Transcript): NodeJS.ProcessEnv {
    const [user = '', org = ''] = identity.split('@');
    const orgDir = join(peerOrgs, `${org}.example.com`);
    const env: NodeJS.ProcessEnv = {
      FABRIC_CFG_PATH: join(folder, 'cfg'),
      GOPATH: join(folder, 'gopath'),
      CORE_PEER_ADDRESS: peer.address,
      CORE_PEER_LOCALMSPID: org === 'org1' ? 'Org1MSP' : 'Org2MSP',
      CORE_PEER_MSPCONFIGPATH: join(orgDir, `users/${user}@${org}.example.com/msp`),
      CORE_PEER_TLS_ENABLED: 'true',
      CORE_PEER_TLS_ROOTCERT_FILE: tlsCa(1),
    };
    for (const [name, value] of Object.entries(environment ?? {})) {
      env[name] = value === null ? undefined : here(value);
    }
    return env;
  }

  async function run(transcript: Transcript): Promise<{ exit: number; stdout: string; stderr: string }> {
    let stdout = '';
    let stderr = '';
    const io = {
      env: environmentOf(transcript),
      cwd: folder,
      stdout: { write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
    };
    const [, ...argv] = words(here(transcript.command));
    const exit = await runProgram(buildProgram(io, '1.4.12'), argv, io);
    return { exit, stdout, stderr };
  }

  it('end with the recorded code, error, output and usage', async () => {
    const different: object[] = [];
    for (const transcript of transcripts) {
      if (transcript.name in left) continue;
      const got = await run(transcript);
      const wanted = {
        exit: transcript.exit,
        error: here(errorOf(transcript.stderr)),
        usage: transcript.usagePrinted ?? false,
        stdout: transcript.stdout,
      };
      const ours = {
        exit: got.exit,
        error: errorOf(got.stderr),
        usage: /Usage:/.test(got.stderr + got.stdout),
        stdout: got.stdout.split('Usage:')[0],
      };
      const parts = Object.fromEntries(
        Object.entries(wanted)
          .filter(([key, value]) => ours[key as keyof typeof ours] !== value)
          .map(([key, value]) => [key, { wanted: value, got: ours[key as keyof typeof ours] }]),
      );
      if (Object.keys(parts).length === 0 && transcript.name in known) {
        different.push({ name: transcript.name, why: 'is the same by now: no longer a known difference' });
      }
      if (Object.keys(parts).length > 0 && !(transcript.name in known)) {
        different.push({ name: transcript.name, ...parts });
      }
    }
    expect(different).toEqual([]);
  }, 240_000);
});

/** The text of the `Error: …` line; '' where there is none. */
function errorOf(stderr: string): string {
  const start = stderr.indexOf('Error: ');
  return start < 0 ? '' : (stderr.slice(start).split('\n')[0] ?? '');
}

/** The words of a recorded command: a quote ends where it is followed by a space or by the end. */
function words(command: string): string[] {
  return [...command.matchAll(/'(.*?)'(?= |$)|(\S+)/gs)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function prepareFolder(folder: string): void {
  mkdirSync(join(folder, 'nothing'));
  mkdirSync(join(folder, 'gopath/src/cc/ks'), { recursive: true });
  writeFileSync(join(folder, 'gopath/src/cc/ks/ks.go'), 'package main\n\nfunc main() {}\n');
  mkdirSync(join(folder, 'cfg'));
  writeFileSync(join(folder, 'cfg/core.yaml'), 'peer: {}\n');
  writeFileSync(join(folder, 'mychannel.block'), fixture('chain-14', 'blocks', '0000.pb'));
  // A field of wire type 7, which there is not.
  writeFileSync(join(folder, 'garbage.bin'), Uint8Array.of(0x0f, 0x07));
  writeFileSync(join(folder, 'coll-bad.json'), '{bad');
  const collection = (policy: string, max: number): string =>
    JSON.stringify([{ name: 'c', policy, requiredPeerCount: 1, maxPeerCount: max, blockToLive: 0 }]);
  writeFileSync(join(folder, 'coll-badpolicy.json'), collection('XX', 2));
  writeFileSync(join(folder, 'coll-lower.json'), collection("OR('Org1MSP.member')", 0));
  writeFileSync(join(folder, 'coll-ok.json'), collection("OR('Org1MSP.member')", 2));
}

interface RecordedFlag {
  readonly flag: string;
  readonly short?: string;
  readonly default?: string;
}

describeGolden('the flags of the peer CLI', 'cli-14', () => {
  const recorded = fixtureJson('cli-14', 'flags.json') as Record<string, { flags: RecordedFlag[] }>;
  const io = { env: {}, cwd: '/', stdout: { write: () => true }, stderr: { write: () => true } };
  const program = buildProgram(io, '1.4.12');
  const commandOf = (path: string): Command | undefined =>
    path
      .split(' ')
      .reduce<Command | undefined>(
        (parent, name) => parent?.commands.find((command) => command.name() === name),
        program,
      );
  const ours = Object.keys(recorded).filter((path) => path.includes(' ') && commandOf(path));

  it('are looked at for twelve commands', () => {
    expect(ours).toHaveLength(12);
  });

  it.each(ours)('%s takes them all, with their short forms and defaults', (path) => {
    const options = commandOf(path)?.options ?? [];
    const wanted = recorded[path]?.flags.filter(({ flag }) => flag !== '--help') ?? [];
    const found = wanted.map(({ flag }) => {
      const option = options.find(({ long }) => long === flag);
      const value: unknown = option?.defaultValue;
      return {
        flag: option?.long,
        ...(option?.short !== undefined && { short: option.short }),
        ...(typeof value === 'string' && { default: value }),
      };
    });
    expect(found).toEqual(
      wanted.map((one) => ({
        flag: one.flag,
        ...(one.short !== undefined && { short: one.short }),
        ...(one.default !== undefined && { default: one.default }),
      })),
    );
  });
});
