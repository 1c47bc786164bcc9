import { expect, it } from 'vitest';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import {
  blockDataHash,
  blockHeaderHash,
  blockTransactions,
  isConfigBlock,
  openEnvelope,
} from '../../src/channelconfig/blocks.js';
import { channelResourcesFromBlock } from '../../src/channelconfig/bundle.js';
import { validateConfigEnvelope } from '../../src/channelconfig/configUpdate.js';
import { loadLocalMsp, mspConfigFromDirectory } from '../../src/msp/localMsp.js';
import { Msp } from '../../src/msp/msp.js';
import { serializeIdentity } from '../../src/msp/serializedIdentity.js';
import { policyFromString } from '../../src/policies/dsl.js';
import { common, msp, peer } from '../../src/protos/index.js';
import { describeGolden, fixturesDir } from '../support/fixtures.js';
import { recordedBlock, recordedChain } from '../support/recordedChain.js';

for (const [chain, crypto] of [
  ['chain-14', 'crypto-14'],
  ['chain-25', 'crypto-25'],
] as const) {
  describeGolden(`the channel of ${chain}`, chain, () => {
    const recorded = recordedChain(chain);
    const blocks = recorded.blocks.map((block) => recordedBlock(chain, block.number));

    it('has the recorded header and data hashes', () => {
      for (const [index, block] of blocks.entries()) {
        const header = block.getHeader()!;
        expect(blockDataHash(blockTransactions(block)).toString('hex')).toBe(
          recorded.blocks[index]!.dataHash,
        );
        expect(blockHeaderHash(header).toString('hex')).toBe(recorded.blocks[index]!.headerHash);
      }
      expect(recorded.blocks.at(-1)!.headerHash).toBe(recorded.chainInfo.currentBlockHash);
    });

    it('follows its configuration updates', async () => {
      let resources = channelResourcesFromBlock(blocks[0]!);
      let updates = 0;
      for (const [index, block] of blocks.entries()) {
        if (index === 0 || !isConfigBlock(block) || recorded.blocks[index]!.transactions[0]!.code !== 0)
          continue;
        const { payload } = openEnvelope(blockTransactions(block)[0]!);
        resources = await validateConfigEnvelope(resources, payload.getData_asU8());
        updates++;
      }
      expect(resources.sequence).toBe(1 + updates);
      expect(updates).toBeGreaterThanOrEqual(3);
      expect(resources.application.mspIds).toEqual(['Org1MSP', 'Org2MSP']);
      expect(resources.application.capabilities.v142).toBe(true);
    });

    it('verifies every valid transaction with the identity that signed it', async () => {
      const { deserializer } = channelResourcesFromBlock(blocks[0]!);
      let verified = 0;
      for (const [index, block] of blocks.entries()) {
        for (const [position, bytes] of blockTransactions(block).entries()) {
          const transaction = recorded.blocks[index]!.transactions[position]!;
          if (transaction.code !== 0 || transaction.type !== 3) continue;
          const { envelope, payload } = openEnvelope(bytes);
          const header = common.SignatureHeader.deserializeBinary(
            payload.getHeader()!.getSignatureHeader_asU8(),
          );
          const identity = deserializer.deserializeIdentity(header.getCreator_asU8());
          expect(identity.mspId).toBe(transaction.creatorMsp);
          identity.validate();
          await identity.verify(envelope.getPayload_asU8(), envelope.getSignature_asU8());
          verified++;
        }
      }
      expect(verified).toBeGreaterThan(100);
    });

    it('has the policies that their strings compile to', () => {
      const compared: string[] = [];
      for (const [index, block] of blocks.entries()) {
        for (const [position, transaction] of recorded.blocks[index]!.transactions.entries()) {
          const text = /-P ((?:AND|OR|OutOf)\([^"]*?\))(?=$|[ ,;])/.exec(transaction.what)?.[1];
          if (transaction.chaincode !== 'lscc' || !text || transaction.code !== 0) continue;
          const policy = endorsementPolicyOf(blockTransactions(block)[position]!);
          expect(Buffer.from(policyFromString(text).serializeBinary()).toString('hex'), text).toBe(
            Buffer.from(policy).toString('hex'),
          );
          compared.push(text);
        }
      }
      expect(compared.length).toBeGreaterThan(1);
    });
  });

  describeGolden(`the material of ${crypto}`, crypto, () => {
    const organisation = join(fixturesDir, crypto, 'peerOrganizations', 'org1.example.com');
    const role = (name: number): msp.MSPPrincipal => {
      const mspRole = new msp.MSPRole();
      mspRole.setMspIdentifier('Org1MSP');
      mspRole.setRole(name as 0);
      const principal = new msp.MSPPrincipal();
      principal.setPrincipal(mspRole.serializeBinary());
      return principal;
    };

    it('signs and verifies with a local MSP', async () => {
      const local = await loadLocalMsp(
        join(organisation, 'users', 'Admin@org1.example.com', 'msp'),
        'Org1MSP',
      );
      const identity = local.msp.deserializeIdentity(local.signer.serialized);
      const message = Buffer.from('message');
      await identity.verify(message, await local.signer.sign(message));
      await expect(identity.verify(Buffer.from('other'), await local.signer.sign(message))).rejects.toThrow(
        'The signature is invalid',
      );
      identity.satisfiesPrincipal(role(msp.MSPRole.MSPRoleType.ADMIN));
      expect(() => identity.satisfiesPrincipal(role(msp.MSPRole.MSPRoleType.PEER))).toThrow(
        'The identity is not a [PEER] under this MSP [Org1MSP]: The identity does not contain OU [PEER], MSP: [Org1MSP]',
      );
    });

    it('says why a user is no administrator', async () => {
      const local = await loadLocalMsp(
        join(organisation, 'users', 'User1@org1.example.com', 'msp'),
        'Org1MSP',
      );
      const identity = local.msp.deserializeIdentity(local.signer.serialized);
      expect(() => identity.satisfiesPrincipal(role(msp.MSPRole.MSPRoleType.ADMIN))).toThrow(
        'The identity is not an admin under this MSP [Org1MSP]: The identity does not contain OU [ADMIN], MSP: [Org1MSP]',
      );
    });

    it.each([
      ['expired', true],
      ['notyet', true],
      ['noou', false],
      ['oupeer', true],
      ['ouadmin', true],
      ['ouother', false],
      ['twoous', false],
    ])('finds the extra identity %s valid: %s', async (name, valid) => {
      const owner = Msp.fromConfig(await mspConfigFromDirectory(join(organisation, 'msp'), 'Org1MSP'));
      const folder = join(fixturesDir, crypto, 'extra-identities', name, 'signcerts');
      const { readdirSync } = await import('node:fs');
      const pem = readFileSync(join(folder, readdirSync(folder)[0]!));
      const identity = owner.deserializeIdentity(serializeIdentity('Org1MSP', pem));
      if (valid) identity.validate();
      else expect(() => identity.validate()).toThrow(/OU/);
      expect(identity.expiresAt.getTime() < Date.now()).toBe(name === 'expired');
    });
  });
}

/** args[3] of an lscc deploy: the marshalled endorsement policy. */
function endorsementPolicyOf(envelope: Uint8Array): Uint8Array {
  const { payload } = openEnvelope(envelope);
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const action = peer.ChaincodeActionPayload.deserializeBinary(
    transaction.getActionsList()[0]!.getPayload_asU8(),
  );
  const proposal = peer.ChaincodeProposalPayload.deserializeBinary(action.getChaincodeProposalPayload_asU8());
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(proposal.getInput_asU8());
  return spec.getChaincodeSpec()!.getInput()!.getArgsList_asU8()[3]!;
}
