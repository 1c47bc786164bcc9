import { LauncherError } from '../errors.js';
import { peer } from '../protos/index.js';

/** peer.TxValidationCode by name. */
export const txCode = peer.TxValidationCode;

/** A transaction is invalid; `message` is the reason in the words of Fabric's peer log. */
export class InvalidTransaction extends LauncherError {
  override readonly name = 'InvalidTransaction';
  readonly code: number;

  constructor(code: number, reason: string, options?: { cause?: unknown }) {
    super(reason, options);
    this.code = code;
  }
}

/** Most rules of the VSCC end in this one code. */
export function policyFailure(reason: string, options?: { cause?: unknown }): InvalidTransaction {
  return new InvalidTransaction(txCode.ENDORSEMENT_POLICY_FAILURE, reason, options);
}
