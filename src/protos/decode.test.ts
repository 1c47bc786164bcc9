import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkUtf8, common, decode, peer, ProtoError, whyUndecodable } from './index.js';
import { hasWireField, walkFields } from './wire.js';

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

describe('decode', () => {
  it.each([
    ['a field longer than the message', '0a05aabb'],
    ['a tag without content', '0a'],
    ['a number that does not end', '0880'],
    ['a nested message that is cut', '0a0312050a'],
  ])("says 'unexpected EOF' of %s", (_, hex) => {
    expect(() => decode(peer.ChaincodeInvocationSpec, bytes(hex), 'ChaincodeInvocationSpec')).toThrow(
      new ProtoError('error unmarshaling ChaincodeInvocationSpec: unexpected EOF'),
    );
  });

  it('names a wire type that does not exist', () => {
    expect(whyUndecodable(bytes('0f'))).toBe("proto: can't skip unknown wire type 7");
  });

  it('takes empty bytes for an empty message', () => {
    expect(decode(peer.Proposal, new Uint8Array(), 'Proposal').getHeader_asU8()).toHaveLength(0);
  });

  it('throws nothing but ProtoError, whatever it is given', () => {
    const classes = [
      peer.SignedProposal,
      peer.ChaincodeInvocationSpec,
      common.Block,
      common.SignaturePolicyEnvelope,
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...classes), (input, messageClass) => {
        try {
          decode<unknown>(messageClass, input, 'Message');
        } catch (error) {
          expect(error).toBeInstanceOf(ProtoError);
        }
      }),
    );
  });

  it('refuses a message nested so deeply that reading it exhausts the stack', () => {
    let nested: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 20_000; depth++) {
      const length: number[] = [];
      for (let rest = nested.length; ; rest = Math.floor(rest / 128)) {
        length.push(rest >= 128 ? (rest % 128) | 0x80 : rest);
        if (rest < 128) break;
      }
      nested = Buffer.concat([Buffer.from([0x12, ...length]), nested]);
    }
    expect(() => decode(common.SignaturePolicy, nested, 'SignaturePolicy')).toThrow(ProtoError);
  });
});

describe('checkUtf8', () => {
  const field = { number: 4, name: 'common.ChannelHeader.channel_id' };

  it('refuses a string that the library would shorten to another one', () => {
    const header = bytes('2202ff61');
    expect(common.ChannelHeader.deserializeBinary(header).getChannelId()).toBe('a');
    expect(() => checkUtf8(header, field)).toThrow(
      'proto: field "common.ChannelHeader.channel_id" contains invalid UTF-8',
    );
  });

  it('takes UTF-8, and leaves other fields alone', () => {
    expect(() => checkUtf8(bytes('2202c3a9'), field)).not.toThrow();
    expect(() => checkUtf8(bytes('2a02ff61'), field)).not.toThrow();
  });
});

describe('walkFields', () => {
  it('tells an absent field from an empty one', () => {
    expect(hasWireField(bytes('0a00'), 1)).toBe(true);
    expect(hasWireField(bytes('1200'), 1)).toBe(false);
  });

  it('finds every message that was encoded whole', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (data, signature) => {
        const signed = new peer.SignedProposal();
        signed.setProposalBytes(data);
        signed.setSignature(signature);
        const found: number[] = [];
        const why = walkFields(signed.serializeBinary(), ({ number }) => {
          found.push(number);
          return false;
        });
        expect(why).toBeUndefined();
        expect(found).toEqual([...(data.length ? [1] : []), ...(signature.length ? [2] : [])]);
      }),
    );
  });
});
