import { expect, it } from 'vitest';
import {
  blockDataHash,
  blockHeaderHash,
  blockTransactions,
  isConfigBlock,
  openEnvelope,
} from '../../src/channelconfig/blocks.js';
import { channelResourcesFromBlock } from '../../src/channelconfig/bundle.js';
import { sameTree } from '../../src/channelconfig/configTree.js';
import { proposeConfigUpdate, validateConfigEnvelope } from '../../src/channelconfig/configUpdate.js';
import { policyFromString } from '../../src/policies/dsl.js';
import { common, peer } from '../../src/protos/index.js';
import { describeGolden } from '../support/fixtures.js';
import { recordedBlock, recordedChain } from '../support/recordedChain.js';

for (const chain of ['chain-14', 'chain-25']) {
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

    it('refuses a configuration update that was made for an older version', async () => {
      const configs = blocks.filter((block, index) => index > 0 && isConfigBlock(block));
      const latest = channelResourcesFromBlock(configs.at(-1)!);
      const first = common.ConfigEnvelope.deserializeBinary(
        openEnvelope(blockTransactions(configs[0]!)[0]!).payload.getData_asU8(),
      );
      // The text is the one that `peer channel update` printed.
      await expect(proposeConfigUpdate(latest, first.getLastUpdate()!.serializeBinary())).rejects.toThrow(
        'error authorizing update: error validating ReadSet: proposed update requires that key [Group]  /Channel/Application/Org1MSP be at version 0, but it is currently at version 1',
      );
    });

    it('proposes the configuration that the orderer put into the next block', async () => {
      const genesis = channelResourcesFromBlock(blocks[0]!);
      const recordedNext = common.ConfigEnvelope.deserializeBinary(
        openEnvelope(blockTransactions(blocks[1]!)[0]!).payload.getData_asU8(),
      );
      const proposed = await proposeConfigUpdate(genesis, recordedNext.getLastUpdate()!.serializeBinary());
      expect(proposed.getConfig()!.getSequence()).toBe(recordedNext.getConfig()!.getSequence());
      expect(
        sameTree(proposed.getConfig()!.getChannelGroup()!, recordedNext.getConfig()!.getChannelGroup()!),
      ).toBe(true);
      expect(
        genesis.config
          .getChannelGroup()!
          .getGroupsMap()
          .get('Application')!
          .getGroupsMap()
          .get('Org1MSP')!
          .getValuesMap()
          .has('AnchorPeers'),
      ).toBe(false);
    });

    it('refuses an update without the signatures that it needs', async () => {
      const genesis = channelResourcesFromBlock(blocks[0]!);
      const next = common.ConfigEnvelope.deserializeBinary(
        openEnvelope(blockTransactions(blocks[1]!)[0]!).payload.getData_asU8(),
      );
      const { envelope, payload } = openEnvelope(next.getLastUpdate()!.serializeBinary());
      const update = common.ConfigUpdateEnvelope.deserializeBinary(payload.getData_asU8());
      update.setSignaturesList([]);
      payload.setData(update.serializeBinary());
      envelope.setPayload(payload.serializeBinary());
      await expect(proposeConfigUpdate(genesis, envelope.serializeBinary())).rejects.toThrow(
        /^error authorizing update: error validating DeltaSet: policy for \[(Group|Value)\] {2}\/Channel\/Application\/Org1MSP(\/AnchorPeers)? not satisfied: /,
      );
    });

    it('reads what the configuration says', () => {
      const resources = channelResourcesFromBlock(blocks[0]!);
      expect(resources.channelId).toBe('mychannel');
      expect(resources.orderer).toMatchObject({ maxMessageCount: 10, batchTimeoutMs: 1_000 });
      expect(resources.policies.getPolicy('/Channel/Application/Writers')).toBeDefined();
      expect(resources.policies.getPolicy('/Channel/Application/Nobody')).toBeUndefined();
      expect(resources.ordererAddresses).toHaveLength(1);
      expect(() => channelResourcesFromBlock(blocks[10]!)).toThrow(
        'Bad configuration envelope: invalid type ENDORSER_TRANSACTION, expected CONFIG',
      );
      expect(() => channelResourcesFromBlock(new common.Block())).toThrow(
        'failed to retrieve channel id - block is empty',
      );
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
