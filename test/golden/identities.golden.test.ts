import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blockTransactions, openEnvelope } from '../../src/channelconfig/blocks.js';
import { channelResourcesFromBlock } from '../../src/channelconfig/bundle.js';
import { messageOf } from '../../src/errors.js';
import { loadLocalMsp, mspConfigFromDirectory } from '../../src/msp/localMsp.js';
import { Msp } from '../../src/msp/msp.js';
import { MspManager } from '../../src/msp/mspManager.js';
import { serializeIdentity } from '../../src/msp/serializedIdentity.js';
import type { IdentityDeserializer } from '../../src/msp/types.js';
import { rolePrincipal } from '../../src/policies/build.js';
import { common, peer } from '../../src/protos/index.js';
import { describeGolden, fixturesDir } from '../support/fixtures.js';
import { recordedBlock, recordedChain } from '../support/recordedChain.js';

for (const chain of ['chain-14', 'chain-25']) {
  describeGolden(`the signatures of ${chain}`, chain, () => {
    const recorded = recordedChain(chain);
    const transactions = recorded.blocks.flatMap((block) =>
      blockTransactions(recordedBlock(chain, block.number)).map((bytes, index) => ({
        bytes,
        about: block.transactions[index]!,
      })),
    );
    const endorsing = transactions.filter(({ about }) => about.type === 3);
    const { deserializer } = channelResourcesFromBlock(recordedBlock(chain, 0));

    it('has a good creator exactly where the peer said so', async () => {
      const failures: string[] = [];
      for (const { bytes, about } of endorsing) {
        const failure = await creatorFailure(bytes, deserializer);
        // Checks of the header come before the signature's.
        if (about.codeName === 'BAD_COMMON_HEADER') continue;
        expect(failure !== undefined, `${about.txid} ${about.what}`).toBe(
          about.codeName === 'BAD_CREATOR_SIGNATURE',
        );
        if (failure !== undefined) failures.push(failure);
      }
      const texts = chain === 'chain-14' ? creatorFailures : [];
      for (const text of texts)
        expect(
          failures.some((failure) => failure.startsWith(text)),
          text,
        ).toBe(true);
      expect(endorsing.length).toBeGreaterThan(150);
    });

    it('has endorsements that verify, except where the recording says otherwise', async () => {
      let good = 0;
      const bad: string[] = [];
      for (const { bytes, about } of endorsing) {
        for (const endorsement of endorsementsOf(bytes)) {
          const failure = await failureOf(async () => {
            const identity = deserializer.deserializeIdentity(endorsement.identity);
            identity.validate();
            await identity.verify(endorsement.data, endorsement.signature);
          });
          if (failure === undefined) good++;
          else bad.push(about.what);
        }
      }
      expect(good).toBeGreaterThan(180);
      expect(bad).toEqual(chain === 'chain-14' ? [...badEndorsements, ...foreignEndorsers] : badEndorsements);
    });
  });
}

/** What index.json says of the transactions with an endorsement that does not verify. */
const badEndorsements = [
  'ksand put: signature of the second endorsement replaced by the first',
  'ks put: one bit of the only endorsement signature flipped',
  'ks put: value in the read-write set changed after the endorsement',
];
const foreignEndorsers = [
  'endorser: certificate of Org2 claims Org1MSP (refused before that: the events field of the action is present but empty)',
  'endorser: certificate of Org2 claims Org1MSP',
  'endorser of an unknown MSP and a good one',
];

/** Beginnings of the reasons that the peer logged for BAD_CREATOR_SIGNATURE. */
const creatorFailures = [
  'could not determine the validity of the signature: Failed verifing with opts [<nil>]: Invalid S. Must be smaller than half the order [68736724396195361764482991251115930527963567892786801696825001457695219152620][57896044605178124381348723474703786764998477612067880171211129530534256022184].',
  'The signature is invalid',
  'MSP GhostMSP is unknown',
  'the supplied identity is not valid: x509: certificate signed by unknown authority',
  'could not deserialize a SerializedIdentity: ',
];

async function creatorFailure(
  bytes: Uint8Array,
  deserializer: IdentityDeserializer,
): Promise<string | undefined> {
  const { envelope, payload } = openEnvelope(bytes);
  const header = common.SignatureHeader.deserializeBinary(payload.getHeader()!.getSignatureHeader_asU8());
  return failureOf(async () => {
    const identity = deserializer.deserializeIdentity(header.getCreator_asU8());
    identity.validate();
    await identity.verify(envelope.getPayload_asU8(), envelope.getSignature_asU8());
  });
}

async function failureOf(check: () => Promise<void>): Promise<string | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function endorsementsOf(
  bytes: Uint8Array,
): { data: Uint8Array; identity: Uint8Array; signature: Uint8Array }[] {
  try {
    const { payload } = openEnvelope(bytes);
    const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
    return transaction.getActionsList().flatMap((one) => {
      const action = peer.ChaincodeActionPayload.deserializeBinary(one.getPayload_asU8()).getAction();
      const response = action?.getProposalResponsePayload_asU8() ?? new Uint8Array();
      return (action?.getEndorsementsList() ?? []).map((endorsement) => ({
        data: Buffer.concat([response, endorsement.getEndorser_asU8()]),
        identity: endorsement.getEndorser_asU8(),
        signature: endorsement.getSignature_asU8(),
      }));
    });
  } catch {
    // Some recorded transactions do not decode on purpose; they have no endorsements.
    return [];
  }
}

for (const crypto of ['crypto-14', 'crypto-25']) {
  describeGolden(`the material of ${crypto}`, crypto, () => {
    const organization = join(fixturesDir, crypto, 'peerOrganizations', 'org1.example.com');
    const userMsp = (name: string): string => join(organization, 'users', `${name}@org1.example.com`, 'msp');

    it('signs and verifies with a local MSP', async () => {
      const { msp, signer } = await loadLocalMsp(userMsp('Admin'), 'Org1MSP');
      const identity = msp.deserializeIdentity(signer.serialized);
      const message = Buffer.from('message');
      await identity.verify(message, await signer.sign(message));
      await expect(identity.verify(Buffer.from('other'), await signer.sign(message))).rejects.toThrow(
        'The signature is invalid',
      );
      identity.satisfiesPrincipal(rolePrincipal('Org1MSP', 'admin'));
      identity.satisfiesPrincipal(rolePrincipal('Org1MSP', 'member'));
      expect(() => identity.satisfiesPrincipal(rolePrincipal('Org1MSP', 'peer'))).toThrow(
        'The identity is not a [PEER] under this MSP [Org1MSP]: The identity does not contain OU [PEER], MSP: [Org1MSP]',
      );
      expect(() => identity.satisfiesPrincipal(rolePrincipal('Org2MSP', 'member'))).toThrow(
        'the identity is a member of a different MSP (expected Org2MSP, got Org1MSP)',
      );
    });

    it('says why a user is no administrator', async () => {
      const { msp, signer } = await loadLocalMsp(userMsp('User1'), 'Org1MSP');
      const identity = msp.deserializeIdentity(signer.serialized);
      expect(() => identity.satisfiesPrincipal(rolePrincipal('Org1MSP', 'admin'))).toThrow(
        'The identity is not an admin under this MSP [Org1MSP]: The identity does not contain OU [ADMIN], MSP: [Org1MSP]',
      );
    });

    const combination =
      "could not validate identity's OUs: the identity must be a client, a peer, an orderer or an admin identity to be valid, not a combination of them. OUs: ";
    it.each([
      ['notyet', undefined],
      ['oupeer', undefined],
      ['ouadmin', undefined],
      ['noou', `${combination}[], MSP: [Org1MSP]`],
      ['ouother', combination],
      ['twoous', combination],
      // Its time lies before the beginning of its CA.
      [
        'expired',
        'could not obtain certification chain: the supplied identity is not valid: x509: certificate has expired or is not yet valid',
      ],
    ])('judges the extra identity %s', async (name, refusal) => {
      const owner = new MspManager([
        Msp.fromConfig(await mspConfigFromDirectory(join(organization, 'msp'), 'Org1MSP')),
      ]);
      const pem = readFileSync(join(fixturesDir, crypto, 'extra-identities', name, 'signcerts', 'cert.pem'));
      const identity = owner.deserializeIdentity(serializeIdentity('Org1MSP', pem));
      expect(owner.deserializeIdentity(serializeIdentity('Org1MSP', pem))).toBe(identity);
      if (refusal === undefined) identity.validate();
      else expect(() => identity.validate()).toThrow(refusal);
      expect(identity.expiresAt.getTime() < Date.now()).toBe(name === 'expired');
    });
  });
}
