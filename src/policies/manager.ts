import { LauncherError, wrap } from '../errors.js';
import type { IdentityDeserializer } from '../msp/types.js';
import { sortedEntries } from '../protos/entries.js';
import { common } from '../protos/index.js';
import { ImplicitMetaPolicy } from './implicitMeta.js';
import { SignaturePolicy } from './signaturePolicy.js';
import type { Policy, PolicyManager } from './types.js';

const { PolicyType } = common.Policy;

/** The policies of a channel configuration by absolute path, compiled once (common/policies/manager.go). */
export class ConfigPolicyManager implements PolicyManager {
  readonly #policies = new Map<string, Policy>();
  readonly #deserializer: IdentityDeserializer;

  /** @param root the channel group, whose path is /Channel; throws when a policy in it cannot be used */
  constructor(root: common.ConfigGroup, deserializer: IdentityDeserializer) {
    this.#deserializer = deserializer;
    this.#addGroup('/Channel', root);
  }

  getPolicy(path: string): Policy | undefined {
    return this.#policies.get(path);
  }

  /** Groups below first: implicit policies stand over theirs. */
  #addGroup(path: string, group: common.ConfigGroup): void {
    const below: string[] = [];
    for (const [name, child] of sortedEntries(group.getGroupsMap())) {
      below.push(`${path}/${name}`);
      this.#addGroup(`${path}/${name}`, child);
    }
    for (const [name, entry] of sortedEntries(group.getPoliciesMap())) {
      const policy = entry.getPolicy();
      if (!policy) throw new LauncherError(`policy ${name} at path ${path} was nil`);
      this.#policies.set(`${path}/${name}`, this.#compile(name, path, policy, below));
    }
  }

  #compile(name: string, path: string, policy: common.Policy, below: readonly string[]): Policy {
    try {
      switch (policy.getType()) {
        case PolicyType.SIGNATURE:
          return SignaturePolicy.fromBytes(policy.getValue_asU8(), this.#deserializer);
        case PolicyType.IMPLICIT_META:
          return new ImplicitMetaPolicy(policy.getValue_asU8(), (subPolicy) =>
            below.map((child) => this.#policies.get(`${child}/${subPolicy}`)),
          );
        default:
          throw new LauncherError(`Unknown policy type: ${policy.getType()}`);
      }
    } catch (error) {
      throw wrap(`policy ${name} at path ${path} was not compiled`, error);
    }
  }
}
