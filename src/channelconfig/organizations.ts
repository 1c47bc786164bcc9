import { LauncherError, wrap } from '../errors.js';
import { Msp } from '../msp/msp.js';
import type { MspVersion } from '../msp/settings.js';
import { sortedEntries } from '../protos/entries.js';
import type { common } from '../protos/index.js';
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

  #define(config: Uint8Array | undefined): Msp {
    if (!config) throw new LauncherError('the organization has no MSP');
    const msp = Msp.fromConfig(config, this.#version);
    const known = this.#byId.get(msp.mspId);
    if (!known) {
      this.#byId.set(msp.mspId, { msp, config });
      return msp;
    }
    if (Buffer.compare(known.config, config) !== 0) {
      throw new LauncherError(`Attempted to define two different versions of MSP: ${msp.mspId}`);
    }
    return known.msp;
  }
}
