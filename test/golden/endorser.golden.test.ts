import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { peer } from '../../src/protos/index.js';
import { describeGolden, fixture, fixtureJson } from '../support/fixtures.js';
import { recordedPeer, type RecordedPeer } from '../support/recordedPeer.js';

interface RecordedCase {
  readonly file: string;
  readonly group: string;
  readonly grpc: { readonly code: number; readonly details?: string };
  readonly endorsed: boolean;
  readonly crash?: string;
  readonly proposalHash?: string;
}

/** What a client sees; everything but the endorsement's signature. */
interface Outcome {
  readonly code: number;
  readonly details?: string;
  readonly status?: number;
  readonly message?: string;
  readonly responsePayload?: string;
  readonly payload?: string;
  readonly version?: number;
  readonly endorser?: string;
}

/** Case number → why this answer differs from the recorded one. */
const known: Readonly<Record<string, string>> = {
  '012': 'the chaincode of this replay is JavaScript, whose strings cannot hold a key that is not UTF-8',
};

/** The answer holds maps, which Go writes in random order: compared decoded. */
const configTreeCase = '201';

describeGolden('recorded proposals, sent again in their order', 'proposals-14', () => {
  const { cases } = fixtureJson('proposals-14', 'index.json') as { cases: RecordedCase[] };
  const outcomes = new Map<string, Outcome>();
  const answers = new Map<string, peer.ProposalResponse>();
  let recorded: RecordedPeer;
  let client: Client;

  beforeAll(async () => {
    recorded = await recordedPeer();
    client = new Client(recorded.address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': 100 * 1024 * 1024,
      'grpc.max_send_message_length': 100 * 1024 * 1024,
    });
    for (const { file } of cases) {
      const answer = await send(client, fixture('proposals-14', `${file}.req`));
      if (answer instanceof peer.ProposalResponse) answers.set(file, answer);
      outcomes.set(file, answer instanceof peer.ProposalResponse ? outcomeOf(answer) : answer);
    }
  }, 240_000);

  afterAll(async () => {
    client.close();
    await recorded.close();
  });

  it('get the recorded answers', () => {
    const different: object[] = [];
    for (const one of cases) {
      if (one.crash !== undefined || one.file.slice(0, 3) in known) continue;
      const outcome = outcomes.get(one.file)!;
      const wanted = recordedOutcome(one);
      const parts = differences(one.file, wanted, outcome);
      if (Object.keys(parts).length > 0) different.push({ case: one.file, ...parts });
    }
    expect(different).toEqual([]);
  });

  it('are endorsed with a signature of the peer', async () => {
    const endorsed = cases.filter((one) => one.endorsed);
    expect(endorsed.length).toBeGreaterThan(100);
    for (const { file } of endorsed) {
      const answer = answers.get(file)!;
      const endorsement = answer.getEndorsement()!;
      const endorser = endorsement.getEndorser_asU8();
      const identity = recorded.local.msp.deserializeIdentity(endorser);
      const signed = Buffer.concat([answer.getPayload_asU8(), endorser]);
      if (file.slice(0, 3) in known) continue;
      await expect(identity.verify(signed, endorsement.getSignature_asU8()), file).resolves.toBeUndefined();
    }
  });

  it('answer an error to what ended the recording peer', () => {
    const crashes = cases.filter((one) => one.crash !== undefined);
    expect(crashes).toHaveLength(9);
    for (const { file } of crashes) {
      const { code, status } = outcomes.get(file)!;
      expect(code !== 0 || status === 500, file).toBe(true);
    }
  });
});

function differences(file: string, wanted: Outcome, got: Outcome): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const key of Object.keys({ ...wanted, ...got }) as (keyof Outcome)[]) {
    if (wanted[key] === got[key]) continue;
    if (file.startsWith(configTreeCase) && key === 'responsePayload') continue;
    found[key] = { wanted: show(key, wanted[key]), got: show(key, got[key]) };
  }
  return found;
}

function show(key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !/ayload|endorser/.test(key)) return value;
  return Buffer.from(value, 'hex').toString('latin1').slice(0, 2000);
}

function recordedOutcome({ file, grpc }: RecordedCase): Outcome {
  if (grpc.code !== 0) return { code: grpc.code, details: grpc.details! };
  return outcomeOf(peer.ProposalResponse.deserializeBinary(fixture('proposals-14', `${file}.resp`)));
}

function outcomeOf(answer: peer.ProposalResponse): Outcome {
  const response = answer.getResponse()!;
  return {
    code: 0,
    status: response.getStatus(),
    message: response.getMessage(),
    responsePayload: hex(response.getPayload_asU8()),
    payload: hex(answer.getPayload_asU8()),
    version: answer.getVersion(),
    endorser: hex(answer.getEndorsement()?.getEndorser_asU8() ?? new Uint8Array()),
  };
}

function send(client: Client, request: Uint8Array): Promise<Outcome | peer.ProposalResponse> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/protos.Endorser/ProcessProposal',
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      Buffer.from(request),
      { deadline: Date.now() + 60_000 },
      (error: ServiceError | null, bytes?: Buffer) => {
        if (error) resolve({ code: error.code, details: error.details });
        else resolve(peer.ProposalResponse.deserializeBinary(bytes!));
      },
    );
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
