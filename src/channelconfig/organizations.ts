import { LauncherError, wrap } from '../errors.js';
import { Msp } from '../msp/msp.js';
import type { MspVersion } from '../msp/settings.js';
import { sortedEntries } from '../protos/entries.js';
import { decode, msp, type common } from '../protos/index.js';
import { groupValue } from './groups.js';

/** The MSPs that the organisations of a configuration define; one MSP may serve several of them. */
export class Organizations {
  readonly #version: MspVersion;
  readonly #byId = new Map<string, { msp: Msp; config: Uint8Array }>();

  constructor(version: MspVersion) {
    this.#version = version;
  }

  get msps(): Msp[] {
    return [...this.#byId.values()].map(({ msp }) => msp);
  }

  /** Adds the organisations of one group and gives their MSP ids by the names of the organisations. */
  add(parent: common.ConfigGroup | undefined): ReadonlyMap<string, string> {
    const ids = new Map<string, string>();
    if (!parent) return ids;
    for (const [name, organization] of sortedEntries(parent.getGroupsMap())) {
      try {
        ids.set(name, this.#define(groupValue(organization, 'MSP')).mspId);
      } catch (error) {
        throw wrap(`setting up the MSP of organization ${name} failed`, error);
      }
    }
    return ids;
  }

  /** PEM of the TLS roots and intermediates of these MSPs. */
  tlsRoots(mspIds: ReadonlySet<string>): Uint8Array[] {
    return [...mspIds].flatMap((id) => {
      const bytes = this.#byId.get(id)?.config;
      if (!bytes) return [];
      const inner = decode(msp.MSPConfig, bytes, 'MSPConfig').getConfig_asU8();
      const config = decode(msp.FabricMSPConfig, inner, 'FabricMSPConfig');
      return [...config.getTlsRootCertsList_asU8(), ...config.getTlsIntermediateCertsList_asU8()];
    });
  }

  #define(config: Uint8Array | undefined): Msp {
    if (!config) throw new LauncherError('the organization has no MSP');
    const defined = Msp.fromConfig(config, this.#version);
    const known = this.#byId.get(defined.mspId);
    if (!known) {
      this.#byId.set(defined.mspId, { msp: defined, config });
      return defined;
    }
    if (Buffer.compare(known.config, config) !== 0) {
      throw new LauncherError(`Attempted to define two different versions of MSP: ${defined.mspId}`);
    }
    return known.msp;
  }
}
