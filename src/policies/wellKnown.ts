import { common, msp } from '../protos/index.js';
import { nOutOf, rolePrincipal, signedBy } from './dsl.js';

const { ADMIN, MEMBER } = msp.MSPRole.MSPRoleType;

/** One signature of any member of these MSPs; the ids are sorted so that every peer makes the same bytes. */
export function signedByAnyMember(mspIds: readonly string[]): common.SignaturePolicyEnvelope {
  return signedByAny(mspIds, MEMBER);
}

/** One signature of any administrator of these MSPs. */
export function signedByAnyAdmin(mspIds: readonly string[]): common.SignaturePolicyEnvelope {
  return signedByAny(mspIds, ADMIN);
}

/** A signature of a member of one MSP. */
export function signedByMspMember(mspId: string): common.SignaturePolicyEnvelope {
  return signedByAny([mspId], MEMBER);
}

/** A signature of an administrator of one MSP. */
export function signedByMspAdmin(mspId: string): common.SignaturePolicyEnvelope {
  return signedByAny([mspId], ADMIN);
}

function signedByAny(mspIds: readonly string[], role: number): common.SignaturePolicyEnvelope {
  const sorted = [...mspIds].sort();
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setVersion(0);
  envelope.setRule(
    nOutOf(
      1,
      sorted.map((_, index) => signedBy(index)),
    ),
  );
  envelope.setIdentitiesList(sorted.map((mspId) => rolePrincipal(mspId, role)));
  return envelope;
}
