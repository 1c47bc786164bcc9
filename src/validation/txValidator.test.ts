import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationCapabilities } from '../channelconfig/types.js';
import { common, peer } from '../protos/index.js';
import { silentLogger } from '../../test/support/silentLogger.js';
import {
  blockOf,
  definition,
  endorsement,
  MapLedger,
  policy,
  signatureOf,
  transaction,
  txIdOf,
  validationContext,
  who,
  type TestTransaction,
} from '../../test/support/txBuilder.js';
import { BlockValidator } from './txValidator.js';
import type { BlockVerdict } from './types.js';

const code = peer.TxValidationCode;
let ledger: MapLedger;

async function validate(
  transactions: readonly Uint8Array[],
  capabilities?: Partial<ApplicationCapabilities>,
): Promise<BlockVerdict> {
  const validator = new BlockValidator({ logger: silentLogger() });
  return validator.validate(blockOf(7, transactions), validationContext(ledger, capabilities));
}

async function verdictOn(
  options: TestTransaction,
  capabilities?: Partial<ApplicationCapabilities>,
): Promise<{ code: number | undefined; reason: string | undefined }> {
  const verdict = await validate([transaction(options)], capabilities);
  return { code: verdict.codes[0], reason: verdict.reasons[0] };
}

beforeEach(() => {
  ledger = new MapLedger();
  ledger.state.set('lscc/cc', definition('cc'));
  ledger.state.set('lscc/other', definition('other', { policy: "AND('Org1MSP.member','Org2MSP.member')" }));
});

describe('a transaction', () => {
  it('is valid when headers, signatures and policy hold', async () => {
    expect(await verdictOn({})).toEqual({ code: code.VALID, reason: undefined });
  });

  it.each<[string, TestTransaction, number, string]>([
    [
      'whose payload is garbage',
      { envelope: (one) => one.setPayload(Buffer.from('0affffff', 'hex')) },
      code.BAD_PAYLOAD,
      'GetPayload returns err error unmarshaling Payload: unexpected EOF',
    ],
    [
      'without a header',
      { payload: (one) => one.clearHeader() },
      code.BAD_COMMON_HEADER,
      'validateCommonHeader returns err nil header',
    ],
    [
      'of type MESSAGE',
      { channelHeader: (one) => one.setType(0) },
      code.BAD_COMMON_HEADER,
      'validateCommonHeader returns err invalid header type MESSAGE',
    ],
    [
      'of a type that has no name any more',
      { channelHeader: (one) => one.setType(8) },
      code.BAD_COMMON_HEADER,
      'validateCommonHeader returns err invalid header type PEER_ADMIN_OPERATION',
    ],
    [
      'with an epoch',
      { channelHeader: (one) => one.setEpoch(5) },
      code.BAD_COMMON_HEADER,
      'validateCommonHeader returns err invalid Epoch in ChannelHeader. Expected 0, got [5]',
    ],
    [
      'without a nonce',
      { signatureHeader: (one) => one.setNonce('') },
      code.BAD_COMMON_HEADER,
      'validateCommonHeader returns err invalid nonce specified in the header',
    ],
    [
      'without a creator',
      { signatureHeader: (one) => one.setCreator('') },
      code.BAD_COMMON_HEADER,
      'validateCommonHeader returns err invalid creator specified in the header',
    ],
    [
      'of type CONFIG_UPDATE',
      { channelHeader: (one) => one.setType(common.HeaderType.CONFIG_UPDATE) },
      code.UNSUPPORTED_TX_PAYLOAD,
      'unsupported transaction type 2',
    ],
    [
      'without a signature',
      { envelope: (one) => one.setSignature('') },
      code.BAD_CREATOR_SIGNATURE,
      'checkSignatureFromCreator returns err nil arguments',
    ],
    [
      'with the signature of another user',
      { envelope: (one) => one.setSignature(signatureOf('Org1MSP/bob', one.getPayload_asU8())) },
      code.BAD_CREATOR_SIGNATURE,
      "checkSignatureFromCreator returns err creator's signature over the proposal is not valid: The signature is invalid",
    ],
    [
      'of a creator that nobody knows',
      { creator: 'GhostMSP/alice' },
      code.BAD_CREATOR_SIGNATURE,
      'checkSignatureFromCreator returns err MSP error: MSP GhostMSP is unknown',
    ],
    [
      'of a revoked creator',
      { creator: 'Org1MSP/revoked' },
      code.BAD_CREATOR_SIGNATURE,
      'checkSignatureFromCreator returns err creator certificate is not valid: The certificate has been revoked',
    ],
    [
      'of another channel',
      { channelHeader: (one) => one.setChannelId('elsewhere') },
      code.BAD_CREATOR_SIGNATURE,
      "checkSignatureFromCreator returns err MSP error: channel doesn't exist",
    ],
    [
      'with two actions',
      { transaction: (one) => one.addActions() },
      code.INVALID_ENDORSER_TRANSACTION,
      'validateEndorserTransaction returns err only one action per transaction is supported, tx contains 2',
    ],
    [
      'whose proposal hash is another',
      { responsePayload: (one) => one.setProposalHash(Buffer.from('x')) },
      code.INVALID_ENDORSER_TRANSACTION,
      'validateEndorserTransaction returns err proposal hash does not match',
    ],
    [
      'whose transaction has a field of the wrong wire type',
      { payload: (one) => one.setData(Buffer.from('0801', 'hex')) },
      code.INVALID_ENDORSER_TRANSACTION,
      'validateEndorserTransaction returns err error unmarshaling Transaction: proto: bad wiretype 0 for field 1',
    ],
    [
      'whose header extension is garbage',
      { extension: Buffer.from('12ff', 'hex') },
      code.BAD_HEADER_EXTENSION,
      'error unmarshaling ChaincodeHeaderExtension: unexpected EOF',
    ],
    [
      'whose header extension names no chaincode',
      { extension: Buffer.of() },
      code.INVALID_OTHER_REASON,
      'nil ChaincodeId in header extension',
    ],
    [
      'whose response payload has no action',
      { actionBytes: Buffer.of() },
      code.BAD_RESPONSE_PAYLOAD,
      'GetActionFromEnvelope failed: response payload is missing extension',
    ],
    [
      'whose action names another chaincode',
      { action: (one) => one.getChaincodeId()?.setName('zz') },
      code.INVALID_OTHER_REASON,
      'inconsistent ccid info (cc/zz)',
    ],
    ['whose action has no version', { version: '' }, code.INVALID_OTHER_REASON, 'invalid chaincode version'],
    [
      'whose read-write set is garbage',
      { action: (one) => one.setResults(Buffer.from('12ff', 'hex')) },
      code.BAD_RWSET,
      'txRWSet.FromProtoBytes failed: unexpected EOF',
    ],
    [
      'whose event belongs to another chaincode',
      { action: (one) => one.setEvents(Buffer.from('0a027a7a', 'hex')) },
      code.INVALID_OTHER_REASON,
      'chaincode event chaincode id does not match chaincode action chaincode id',
    ],
    [
      'whose event is encoded but empty',
      { actionBytes: Buffer.from('1200220a120263631a04312e3030', 'hex') },
      code.INVALID_OTHER_REASON,
      'chaincode event chaincode id does not match chaincode action chaincode id',
    ],
    [
      'of a chaincode that is not on the channel',
      { chaincode: 'nosuch' },
      code.INVALID_OTHER_REASON,
      "lscc's state for [nosuch] not found.",
    ],
    [
      'of a version that is not the present one',
      { version: '0.9' },
      code.EXPIRED_CHAINCODE,
      "chaincode cc:0.9/ch didn't match cc:1.0/ch in lscc",
    ],
    [
      'that writes to lscc',
      { writes: [{ namespace: 'lscc', writes: { cc: 'x' } }] },
      code.ILLEGAL_WRITESET,
      'chaincode cc attempted to write to the namespace of LSCC',
    ],
    [
      'that writes to a system chaincode nobody can reach',
      { writes: [{ namespace: 'cscc', writes: { k: 'x' } }] },
      code.ILLEGAL_WRITESET,
      'chaincode cc attempted to write to the namespace of a system chaincode that cannot be invoked',
    ],
    [
      'that names a namespace twice',
      { writes: [{ namespace: 'cc' }, { namespace: 'cc' }] },
      code.ILLEGAL_WRITESET,
      "duplicate namespace 'cc' in txRWSet",
    ],
    [
      'that invokes escc',
      { chaincode: 'escc' },
      code.ILLEGAL_WRITESET,
      'committing an invocation of cc escc is illegal',
    ],
    [
      'that also writes to a chaincode whose policy does not hold',
      {
        writes: [
          { namespace: 'cc', writes: { k: 'x' } },
          { namespace: 'other', writes: { k: 'x' } },
        ],
      },
      code.ENDORSEMENT_POLICY_FAILURE,
      'validation of endorsement policy for chaincode other in tx 7:0 failed: signature set did not satisfy policy',
    ],
    [
      'that nobody endorsed, though it writes nothing',
      { endorsers: [], writes: [] },
      code.ENDORSEMENT_POLICY_FAILURE,
      'validation of endorsement policy for chaincode cc in tx 7:0 failed: signature set did not satisfy policy',
    ],
  ])('%s is invalid', async (_, options, wanted, reason) => {
    expect(await verdictOn(options)).toEqual({ code: wanted, reason });
  });

  it('whose envelope is garbage is invalid for another reason', async () => {
    const verdict = await validate([Buffer.from('0aff', 'hex'), Buffer.of(), transaction()]);
    expect([...verdict.codes]).toEqual([code.INVALID_OTHER_REASON, code.BAD_COMMON_HEADER, code.VALID]);
  });

  it('with a foreign txid fails by that before its action is looked at', async () => {
    const verdict = await verdictOn({
      channelHeader: (one) => one.setTxId('00'),
      transaction: (one) => one.addActions(),
    });
    expect(verdict.code).toBe(code.BAD_PROPOSAL_TXID);
    expect(verdict.reason).toMatch(
      /^CheckTxID returns err invalid txid\. got \[00\], expected \[[0-9a-f]{64}\]$/,
    );
  });

  it('may write to qscc when a member endorsed it', async () => {
    const verdict = await verdictOn({ writes: [{ namespace: 'qscc', writes: { k: 'x' } }] });
    expect(verdict.code).toBe(code.VALID);
  });

  it('of a chaincode with a foreign validation plugin does not stop the channel', async () => {
    ledger.state.set('lscc/cc', definition('cc', { vscc: 'mine' }));
    expect(await verdictOn({})).toEqual({
      code: code.INVALID_OTHER_REASON,
      reason: "plugin with name mine couldn't be used: plugin with name mine wasn't found",
    });
  });

  it('counts an endorser once, with the first of its signatures', async () => {
    const bad = (list: peer.Endorsement[]): peer.Endorsement[] => {
      const broken = list[0]!.clone();
      broken.setSignature(Buffer.from('broken'));
      return [broken, list[0]!];
    };
    expect((await verdictOn({ endorsements: bad })).code).toBe(code.ENDORSEMENT_POLICY_FAILURE);
    const twice = { chaincode: 'other', endorsers: ['Org1MSP/peer0', 'Org1MSP/peer0'] };
    expect((await verdictOn(twice)).code).toBe(code.ENDORSEMENT_POLICY_FAILURE);
    const both = { chaincode: 'other', endorsers: ['GhostMSP/x', 'Org1MSP/peer0', 'Org2MSP/peer0'] };
    expect((await verdictOn(both)).code).toBe(code.VALID);
  });

  it('says by the v12 rules what the older channel says', async () => {
    const v12 = { v13: false, v142: false };
    expect((await verdictOn({ chaincode: 'other' }, v12)).reason).toBe(
      'VSCC error: endorsement policy failure, err: signature set did not satisfy policy',
    );
    const twice = { chaincode: 'other', endorsers: ['Org1MSP/peer0', 'Org1MSP/peer0'] };
    expect((await verdictOn(twice, v12)).reason).toBe(
      'Endorsement policy evaluation failure might be caused by duplicated identities',
    );
  });

  it('that writes nothing needs no endorsement before V1_2', async () => {
    const old = { v12: false, v13: false, v142: false };
    expect((await verdictOn({ endorsers: [], writes: [] }, old)).code).toBe(code.VALID);
  });
});

describe('a block', () => {
  it('refuses a txid that the ledger knows', async () => {
    ledger.txIds.add(txIdOf(Buffer.from('n'), who('Org1MSP/alice')));
    const verdict = await verdictOn({ nonce: 'n' });
    expect(verdict.code).toBe(code.DUPLICATE_TXID);
  });

  it('refuses a txid that came before in it, from V1_1 on', async () => {
    const twice = [transaction({ nonce: 'n' }), transaction({ nonce: 'n' })];
    expect([...(await validate(twice)).codes]).toEqual([code.VALID, code.DUPLICATE_TXID]);
    const old = { v11: false, v12: false, v13: false, v142: false };
    expect([...(await validate(twice, old)).codes]).toEqual([code.VALID, code.VALID]);
  });

  it('does not count an invalid transaction as the first of its txid', async () => {
    const invalid = transaction({ nonce: 'n', endorsers: [] });
    const verdict = await validate([invalid, transaction({ nonce: 'n' })]);
    expect([...verdict.codes]).toEqual([code.ENDORSEMENT_POLICY_FAILURE, code.VALID]);
  });

  it('ends its look at the state, whatever the transactions are', async () => {
    await validate([transaction(), Buffer.from('ff', 'hex'), transaction({ chaincode: 'nosuch' })]);
    expect(ledger.open).toBe(0);
  });

  it('with a CONFIG transaction that does not follow is not judged at all', async () => {
    const config = transaction({
      channelHeader: (one) => one.setType(common.HeaderType.CONFIG),
      payload: (one) => one.setData(new common.ConfigEnvelope().serializeBinary()),
    });
    await expect(validate([config])).rejects.toThrow(
      /^error validating config which passed initial validity checks: /,
    );
    expect(ledger.open).toBe(0);
  });

  it('gets a code for every transaction and no error, however the bytes are damaged', async () => {
    const good = transaction({ nonce: 'fixed' });
    const damage = fc.record({
      cut: fc.nat(good.length),
      flips: fc.array(fc.record({ at: fc.nat(good.length - 1), bit: fc.nat(7) }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ cut, flips }) => {
        const bytes = Uint8Array.from(good);
        for (const { at, bit } of flips) bytes[at]! ^= 1 << bit;
        const { codes } = await validate([bytes.subarray(0, cut), bytes]);
        expect(codes).toHaveLength(2);
        // Nobody signed it: a change that decodes to the same message is the only one that may pass.
        if (cut < good.length) expect(codes[0]).not.toBe(code.VALID);
      }),
      { numRuns: 300 },
    );
  });
});

describe('key-level endorsement', () => {
  const both = ['Org1MSP/peer0', 'Org2MSP/peer0'];

  beforeEach(() => {
    ledger.keyPolicies.set('cc/strong', policy("AND('Org1MSP.member','Org2MSP.member')"));
    ledger.keyPolicies.set('other/weak', policy("OR('Org1MSP.member')"));
    ledger.keyPolicies.set(`cc/coll/${Buffer.from('h').toString('hex')}`, policy("OR('Org2MSP.member')"));
  });

  it('asks the policy of the key instead of that of the chaincode', async () => {
    const strong = { writes: [{ namespace: 'cc', writes: { strong: 'x' } }] };
    expect(await verdictOn(strong)).toEqual({
      code: code.ENDORSEMENT_POLICY_FAILURE,
      reason:
        "validation of key strong (coll'':ns'cc') in tx 7:0 failed: signature set did not satisfy policy",
    });
    expect((await verdictOn({ ...strong, endorsers: both })).code).toBe(code.VALID);
    const weak = { chaincode: 'other', writes: [{ namespace: 'other', writes: { weak: 'x' } }] };
    expect((await verdictOn(weak)).code).toBe(code.VALID);
    const mixed = { chaincode: 'other', writes: [{ namespace: 'other', writes: { weak: 'x', plain: 'x' } }] };
    expect((await verdictOn(mixed)).code).toBe(code.ENDORSEMENT_POLICY_FAILURE);
  });

  it('holds for metadata and for private keys, which it knows by their hashes', async () => {
    const metadata = { writes: [{ namespace: 'cc', metadata: ['strong'] }] };
    expect((await verdictOn(metadata)).code).toBe(code.ENDORSEMENT_POLICY_FAILURE);
    const secret = { writes: [{ namespace: 'cc', collection: { name: 'coll', writes: ['h'] } }] };
    expect((await verdictOn(secret)).reason).toBe(
      "validation of key h (coll'coll':ns'cc') in tx 7:0 failed: signature set did not satisfy policy",
    );
    expect((await verdictOn({ ...secret, endorsers: ['Org2MSP/peer0'] })).code).toBe(code.VALID);
  });

  it('refuses a key whose policy a good transaction before it changes', async () => {
    const change = transaction({ writes: [{ namespace: 'cc', metadata: ['k'] }] });
    const use = transaction({ writes: [{ namespace: 'cc', writes: { k: 'x' } }] });
    const verdict = await validate([use, change, use, transaction()]);
    expect([...verdict.codes]).toEqual([
      code.VALID,
      code.VALID,
      code.ENDORSEMENT_POLICY_FAILURE,
      code.ENDORSEMENT_POLICY_FAILURE,
    ]);
    expect(verdict.reasons[3]).toBe(
      'validation parameters for key [k] in namespace [cc:] have been changed in transaction 3 of block 7',
    );
  });

  it('is not troubled by a bad transaction that wanted to change a policy', async () => {
    const change = transaction({ endorsers: [], writes: [{ namespace: 'cc', metadata: ['k'] }] });
    expect([...(await validate([change, transaction()])).codes]).toEqual([
      code.ENDORSEMENT_POLICY_FAILURE,
      code.VALID,
    ]);
  });
});

it('signs nothing itself: a copied endorsement fits only its own response', async () => {
  ledger.state.set('lscc/cc', definition('cc'));
  const copied = endorsement('Org1MSP/peer0', Buffer.from('another response'));
  expect((await verdictOn({ endorsements: () => [copied] })).code).toBe(code.ENDORSEMENT_POLICY_FAILURE);
});
