import type { common } from '../protos/index.js';
import { nOutOf, policyEnvelope, rolePrincipal, signedBy, type RoleName } from './build.js';

/** One signature of a member of this MSP (common/cauthdsl: SignedByMspMember). */
export function signedByMspMember(mspId: string): common.SignaturePolicyEnvelope {
  return signedByAny([mspId], 'member');
}

/** One signature of an admin of this MSP. */
export function signedByMspAdmin(mspId: string): common.SignaturePolicyEnvelope {
  return signedByAny([mspId], 'admin');
}

/** One signature of a member of any of these MSPs: the default endorsement policy. */
export function signedByAnyMember(mspIds: readonly string[]): common.SignaturePolicyEnvelope {
  return signedByAny(mspIds, 'member');
}

/** One signature of an admin of any of these MSPs: the default instantiation policy. */
export function signedByAnyAdmin(mspIds: readonly string[]): common.SignaturePolicyEnvelope {
  return signedByAny(mspIds, 'admin');
}

/** Sorted, so that every endorser makes the same bytes. */
function signedByAny(mspIds: readonly string[], role: RoleName): common.SignaturePolicyEnvelope {
  const sorted = [...mspIds].sort();
  const rule = nOutOf(
    1,
    sorted.map((_, index) => signedBy(index)),
  );
  return policyEnvelope(
    rule,
    sorted.map((mspId) => rolePrincipal(mspId, role)),
  );
}
