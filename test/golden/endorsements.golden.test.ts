import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { proposalHash, proposalResponsePayload } from '../../src/endorser/proposalResponse.js';
import { loadLocalMsp } from '../../src/msp/localMsp.js';
import type { IdentityDeserializer } from '../../src/msp/types.js';
import { common, peer } from '../../src/protos/index.js';
import { describeGolden, fixture, fixtureJson, fixturesDir } from '../support/fixtures.js';

interface RecordedCase {
  readonly file: string;
  readonly endorsed?: boolean;
  readonly proposalHash?: string;
}

for (const [version, atLeast] of [
  ['14', 100],
  ['25', 100],
] as const) {
  const folder = `proposals-${version}`;
  describeGolden(`the endorsements in ${folder}`, folder, () => {
    const { cases } = fixtureJson(folder, 'index.json') as { cases: RecordedCase[] };
    const endorsed = cases.filter((one) => one.endorsed);
    let msp: IdentityDeserializer;

    beforeAll(async () => {
      const org = join(fixturesDir, `crypto-${version}/peerOrganizations/org1.example.com`);
      ({ msp } = await loadLocalMsp(join(org, 'peers/peer0.org1.example.com/msp'), 'Org1MSP'));
    });

    const answerOf = ({ file }: RecordedCase): peer.ProposalResponse =>
      peer.ProposalResponse.deserializeBinary(fixture(folder, `${file}.resp`));
    const payloadOf = (one: RecordedCase): peer.ProposalResponsePayload =>
      peer.ProposalResponsePayload.deserializeBinary(answerOf(one).getPayload_asU8());

    it('are many', () => {
      expect(endorsed.length).toBeGreaterThan(atLeast);
    });

    it('are over the hash that we make of the proposal', () => {
      const ours = endorsed.map((one) => {
        const signed = peer.SignedProposal.deserializeBinary(fixture(folder, `${one.file}.req`));
        const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
        const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
        const hash = Buffer.from(proposalHash(header, proposal.getPayload_asU8())).toString('hex');
        return [one.file, hash];
      });
      expect(ours).toEqual(
        endorsed.map((one) => [
          one.file,
          one.proposalHash ?? Buffer.from(payloadOf(one).getProposalHash_asU8()).toString('hex'),
        ]),
      );
    });

    it('have the bytes that we make of the same results', () => {
      const different = endorsed.filter((one) => {
        const payload = payloadOf(one);
        const action = peer.ChaincodeAction.deserializeBinary(payload.getExtension_asU8());
        const events = action.getEvents_asU8();
        const ours = proposalResponsePayload(payload.getProposalHash_asU8(), {
          results: action.getResults_asU8(),
          event: events.length > 0 ? peer.ChaincodeEvent.deserializeBinary(events) : undefined,
          response: action.getResponse()!,
          chaincodeId: action.getChaincodeId()!,
        });
        return !Buffer.from(ours).equals(answerOf(one).getPayload_asU8());
      });
      expect(different.map(({ file }) => file)).toEqual([]);
    });

    it('are signed by the peer', async () => {
      for (const one of endorsed) {
        const answer = answerOf(one);
        const endorsement = answer.getEndorsement()!;
        const endorser = endorsement.getEndorser_asU8();
        const message = Buffer.concat([answer.getPayload_asU8(), endorser]);
        await msp.deserializeIdentity(endorser).verify(message, endorsement.getSignature_asU8());
      }
    });
  });
}
