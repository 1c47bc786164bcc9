import { Counter, Histogram, type Registry } from 'prom-client';
import type { peer } from '../protos/index.js';

type Labels = 'channel' | 'chaincode';

/** `‹name›:‹version›`; the version is empty until the proposal is endorsed, as in Fabric. */
export function chaincodeLabel(chaincodeId: peer.ChaincodeID): string {
  return `${chaincodeId.getName()}:${chaincodeId.getVersion()}`;
}

/** Metrics of the endorser under Fabric's names (contract 15). */
export class EndorserMetrics {
  readonly #duration: Histogram<Labels | 'success'>;
  readonly #received: Counter;
  readonly #successful: Counter;
  readonly #validationFailures: Counter;
  readonly #aclFailures: Counter<Labels>;
  readonly #initFailures: Counter<Labels>;
  readonly #duplicates: Counter<Labels>;
  readonly #endorsementFailures: Counter<Labels | 'chaincodeerror'>;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = <T extends string>(name: string, help: string, labelNames: T[]): Counter<T> =>
      new Counter({ name: `endorser_${name}`, help, labelNames, registers });
    this.#duration = new Histogram({
      name: 'endorser_proposal_duration',
      help: 'The time to complete a proposal.',
      labelNames: ['channel', 'chaincode', 'success'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#received = counter('proposals_received', 'The number of proposals received.', []);
    this.#successful = counter('successful_proposals', 'The number of successful proposals.', []);
    this.#validationFailures = counter(
      'proposal_validation_failures',
      'The number of proposals that have failed initial validation.',
      [],
    );
    this.#aclFailures = counter('proposal_acl_failures', 'The number of proposals that failed ACL checks.', [
      'channel',
      'chaincode',
    ]);
    this.#initFailures = counter(
      'chaincode_instantiation_failures',
      'The number of chaincode instantiations or upgrade that have failed.',
      ['channel', 'chaincode'],
    );
    this.#duplicates = counter(
      'duplicate_transaction_failures',
      'The number of failed proposals due to duplicate transaction ID.',
      ['channel', 'chaincode'],
    );
    this.#endorsementFailures = counter('endorsement_failures', 'The number of failed endorsements.', [
      'channel',
      'chaincode',
      'chaincodeerror',
    ]);
  }

  proposalReceived(): void {
    this.#received.inc();
  }

  proposalSucceeded(): void {
    this.#successful.inc();
  }

  validationFailed(): void {
    this.#validationFailures.inc();
  }

  aclFailed(channel: string, chaincode: string): void {
    this.#aclFailures.inc({ channel, chaincode });
  }

  initFailed(channel: string, chaincode: string): void {
    this.#initFailures.inc({ channel, chaincode });
  }

  duplicateTransaction(channel: string, chaincode: string): void {
    this.#duplicates.inc({ channel, chaincode });
  }

  /** @param chaincodeError the chaincode answered with a status from 400 to 499 */
  endorsementFailed(channel: string, chaincode: string, chaincodeError: boolean): void {
    this.#endorsementFailures.inc({ channel, chaincode, chaincodeerror: String(chaincodeError) });
  }

  proposalTook(channel: string, chaincode: string, success: boolean, seconds: number): void {
    this.#duration.observe({ channel, chaincode, success: String(success) }, seconds);
  }
}
