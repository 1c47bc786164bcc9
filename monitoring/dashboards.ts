import { endorser } from './dashboards/endorser.js';
import { launches } from './dashboards/launches.js';
import { operator } from './dashboards/operator.js';
import type { Dashboard } from './panel.js';

/** All dashboards. */
export const dashboards: readonly Dashboard[] = [launches, endorser, operator];
