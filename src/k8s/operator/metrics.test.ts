import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { OperatorMetrics } from './metrics.js';

describe('the metrics of an operator that has done nothing yet', () => {
  it.each([
    'controller_runtime_reconcile_errors_total{controller="chaincodelaunch"} 0',
    'controller_runtime_reconcile_total{controller="chaincodelaunch",result="error"} 0',
    'controller_runtime_active_workers{controller="chaincodelaunch"} 0',
    'workqueue_depth{name="chaincodelaunch"} 0',
    'workqueue_retries_total{name="chaincodelaunch"} 0',
    'chaincode_launcher_launches{phase="Registering"} 0',
    'chaincode_launcher_pod_phase_duration_seconds_count{phase="Building"} 0',
  ])('show %s', async (line) => {
    const registry = new Registry();
    new OperatorMetrics(registry, 8);
    expect((await registry.metrics()).split('\n')).toContain(line);
  });
});
