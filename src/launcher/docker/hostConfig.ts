import type { HostConfigSettings } from '../../config/schema/docker.js';
import type { HostConfig } from './types.js';

/** Keys that core.yaml and the API spell differently. */
const spelledOtherwise: Readonly<Record<string, string>> = {
  CpusetCPUs: 'CpusetCpus',
  CpusetMEMs: 'CpusetMems',
};

/** vm.docker.hostConfig as the API wants it. What is empty is left out, as Fabric does: the engine's default holds. */
export function hostConfigOf(settings: HostConfigSettings): HostConfig {
  const entries = Object.entries(settings as unknown as Readonly<Record<string, unknown>>)
    .filter(([, value]) => !isEmpty(value))
    .map(([key, value]) => [spelledOtherwise[key] ?? key, value]);
  return { ...(Object.fromEntries(entries) as object), NetworkMode: settings.NetworkMode || 'host' };
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null && 'Type' in value) return value.Type === '';
  return value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0);
}
