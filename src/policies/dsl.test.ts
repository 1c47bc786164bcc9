import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { msp } from '../protos/index.js';
import { nOutOf, policyEnvelope, rolePrincipal, signedBy, type RoleName } from './build.js';
import { policyFromString } from './dsl.js';
import { policyToString } from './format.js';
import { signedByAnyAdmin, signedByAnyMember, signedByMspMember } from './wellKnown.js';

const hex = (message: { serializeBinary(): Uint8Array }): string =>
  Buffer.from(message.serializeBinary()).toString('hex');

describe('the policy language', () => {
  it('encodes signed_by 0 and omits version 0', () => {
    // rule{n_out_of{n 1, rules{signed_by 0}}}, identities{ROLE, MSPRole{A, MEMBER}}
    expect(hex(policyFromString("OR('A.member')"))).toBe('120812060801120208001a0512030a0141');
    expect(hex(signedByMspMember('A'))).toBe('120812060801120208001a0512030a0141');
  });

  it('numbers the identities in the order written and does not merge equal ones', () => {
    const policy = policyFromString("AND('A.peer', OR('B.admin', 'A.peer'))");
    const ids = policy
      .getIdentitiesList()
      .map((one) => msp.MSPRole.deserializeBinary(one.getPrincipal_asU8()));
    expect(ids.map((id) => [id.getMspIdentifier(), id.getRole()])).toEqual([
      ['A', msp.MSPRole.MSPRoleType.PEER],
      ['B', msp.MSPRole.MSPRoleType.ADMIN],
      ['A', msp.MSPRole.MSPRoleType.PEER],
    ]);
    expect(policyToString(policy)).toBe("AND('A.peer', OR('B.admin', 'A.peer'))");
  });

  it.each([
    ["or('A.member','B.client')", "OR('A.member', 'B.client')"],
    ['Or("A.member", "B.orderer")', "OR('A.member', 'B.orderer')"],
    ["and('Org-1.example.com.member')", "OR('Org-1.example.com.member')"],
    ["outof(2, 'A.member', 'B.member', 'C.member')", "OutOf(2, 'A.member', 'B.member', 'C.member')"],
    ["OUTOF ( '2' , 'A.member' , 'B.member' )", "AND('A.member', 'B.member')"],
    ["OutOf(0, 'A.member')", "OutOf(0, 'A.member')"],
    ["OutOf(3, 'A.member', 'B.member')", "OutOf(3, 'A.member', 'B.member')"],
  ])('reads %s', (text, normal) => {
    expect(policyToString(policyFromString(text))).toBe(normal);
  });

  it.each([
    ['', 'Unexpected end of expression'],
    ['XX', "unrecognized token 'XX' in policy string"],
    ["XX('a')", 'Undefined function XX'],
    ["OR('A.member', Bmember)", "unrecognized token 'Bmember' in policy string"],
    ["OR('A.member', 'Bmember')", "unrecognized token 'Bmember' in policy string"],
    ["OR('A.member', 'B.guest')", "unrecognized token 'B.guest' in policy string"],
    ["OR('A_B.member')", "unrecognized token 'A_B.member' in policy string"],
    ["'A.member'", "invalid policy string ''A.member''"],
    ["OR('A.member'", "invalid policy string 'OR('A.member''"],
    ["OR('A.member') OR('B.member')", "invalid policy string 'OR('A.member') OR('B.member')'"],
    ["OR('A.member' 'B.member')", "invalid policy string 'OR('A.member' 'B.member')'"],
    ["OR(,'A.member')", "invalid policy string 'OR(,'A.member')'"],
    ['OR(1)', 'Unexpected type float64'],
    ['OR()', 'Expected at least two arguments to NOutOf. Given 1'],
    ['OutOf()', 'Expected at least two arguments to NOutOf. Given 0'],
    ['OutOf(1)', 'Expected at least two arguments to NOutOf. Given 1'],
    ["OutOf(-1, 'A.member', 'B.member')", 'Invalid t-out-of-n predicate, t -1, n 2'],
    ["OutOf(4, 'A.member', 'B.member')", 'Invalid t-out-of-n predicate, t 4, n 2'],
    [`${'OR('.repeat(2_000)}'A.member'${')'.repeat(2_000)}`, 'invalid policy string'],
  ])('refuses %s', (text, reason) => {
    expect(() => policyFromString(text)).toThrow(reason);
  });

  it('reads back what it writes', () => {
    const principal = fc.tuple(
      fc.stringMatching(/^[A-Za-z0-9.-]{1,12}$/),
      fc.constantFrom<RoleName>('member', 'admin', 'client', 'peer', 'orderer'),
    );
    type Tree = readonly [string, RoleName] | { readonly n: number; readonly rules: readonly Tree[] };
    const { tree } = fc.letrec<{ tree: Tree; gate: Tree }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, principal, tie('gate')),
      gate: fc
        .array(tie('tree'), { minLength: 1, maxLength: 4 })
        .chain((rules) => fc.integer({ min: 0, max: rules.length + 1 }).map((n) => ({ n, rules }))),
    }));
    fc.assert(
      fc.property(tree, (top) => {
        const identities: msp.MSPPrincipal[] = [];
        const build = (node: Tree): ReturnType<typeof signedBy> => {
          if ('rules' in node) return nOutOf(node.n, node.rules.map(build));
          identities.push(rolePrincipal(node[0], node[1]));
          return signedBy(identities.length - 1);
        };
        const rule = build('rules' in top ? top : { n: 1, rules: [top] });
        const envelope = policyEnvelope(rule, identities);
        expect(hex(policyFromString(policyToString(envelope)))).toBe(hex(envelope));
      }),
    );
  });
});

describe('the default policies', () => {
  it('sort the MSP ids, so that every endorser makes the same bytes', () => {
    expect(hex(signedByAnyMember(['B', 'A']))).toBe(hex(policyFromString("OR('A.member', 'B.member')")));
    expect(hex(signedByAnyAdmin(['B', 'A']))).toBe(hex(policyFromString("OR('A.admin', 'B.admin')")));
  });
});
