import type { IdentityDeserializer } from '../msp/types.js';
import { common, decode } from '../protos/index.js';
import { ImplicitMetaPolicy } from './implicitMeta.js';
import { SignaturePolicy } from './signaturePolicy.js';
import type { Policy, PolicyManager } from './types.js';

const { PolicyType } = common.Policy;

/** The policies of a channel configuration, by absolute path; built once for each configuration. */
export class ConfigPolicyManager implements PolicyManager {
  readonly #policies = new Map<string, Policy>();

  /** @param root the channel group, whose path is /Channel */
  constructor(root: common.ConfigGroup, deserializer: IdentityDeserializer) {
    this.#addGroup('/Channel', root, deserializer);
  }

  getPolicy(path: string): Policy | undefined {
    return this.#policies.get(path);
  }

  #addGroup(path: string, group: common.ConfigGroup, deserializer: IdentityDeserializer): void {
    const children: string[] = [];
    for (const [name, child] of group.getGroupsMap().entries() as Iterable<[string, common.ConfigGroup]>) {
      children.push(`${path}/${name}`);
      this.#addGroup(`${path}/${name}`, child, deserializer);
    }
    for (const [name, entry] of group.getPoliciesMap().entries() as Iterable<[string, common.ConfigPolicy]>) {
      const policy = this.#compile(entry.getPolicy(), children, deserializer);
      if (policy) this.#policies.set(`${path}/${name}`, policy);
    }
  }

  /** undefined for a type that nobody can satisfy. Children are compiled before their parent asks for them. */
  #compile(
    policy: common.Policy | undefined,
    children: readonly string[],
    deserializer: IdentityDeserializer,
  ): Policy | undefined {
    switch (policy?.getType()) {
      case PolicyType.SIGNATURE:
        return SignaturePolicy.fromBytes(policy.getValue_asU8(), deserializer);
      case PolicyType.IMPLICIT_META: {
        const meta = decode(common.ImplicitMetaPolicy, policy.getValue_asU8(), 'ImplicitMetaPolicy');
        const below = children.map((child) => this.#policies.get(`${child}/${meta.getSubPolicy()}`));
        return new ImplicitMetaPolicy(meta, below, deserializer);
      }
      default:
        return undefined;
    }
  }
}
