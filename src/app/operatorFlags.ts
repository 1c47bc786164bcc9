import { durationMs } from '../config/duration.js';

/** The flags of `operator`, as they are written. */
export interface OperatorFlags {
  namespace?: string;
  allNamespaces?: boolean;
  image: string;
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  runAsUser: string;
  workers: string;
  kubeconfig?: string;
  context?: string;
  leaderElection: boolean;
  leaseName: string;
  leaseNamespace?: string;
  leaseOwner?: string;
  leaseDuration: string;
  renewDeadline: string;
  retryPeriod: string;
  watchIdle: string;
  operationsAddress: string;
  statusPage?: string;
  verbose?: boolean;
}

/** Milliseconds of a flag. @throws naming the flag */
export function flagDuration(flag: string, text: string): number {
  try {
    return durationMs(text);
  } catch (cause) {
    throw new Error(`--${flag} ${text}: must be a duration such as 15s`, { cause });
  }
}
