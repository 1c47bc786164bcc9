import type { AlertGroup } from './alert.js';
import { endorserAlerts, processAlerts } from './alerts/endorser.js';
import { launchAlerts } from './alerts/launches.js';
import { operatorAlerts } from './alerts/operator.js';

/** All alerts. */
export const alertGroups: readonly AlertGroup[] = [
  launchAlerts,
  endorserAlerts,
  operatorAlerts,
  processAlerts,
];
