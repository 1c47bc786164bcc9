import { Registry } from 'prom-client';
import { ChaincodeMetrics } from '../../src/chaincode/metrics.js';
import { DeliverMetrics } from '../../src/deliver/metrics.js';
import { EndorserMetrics } from '../../src/endorser/metrics.js';
import { GrpcMetrics } from '../../src/grpc/metrics.js';
import { OperatorMetrics } from '../../src/k8s/operator/metrics.js';
import { LaunchMetrics } from '../../src/launcher/metrics.js';
import { LedgerMetrics } from '../../src/ledger/metrics.js';
import { CommitterMetrics } from '../../src/peer/metrics.js';
import { countLogEntries, createMetricsRegistry } from '../../src/ops/metricsRegistry.js';

/** prom-client's metrics have their label names, though its types do not say so. */
interface WithLabelNames {
  readonly labelNames: readonly string[];
}

/** Labels of every series that the programs show, by the name of the series: those of a histogram have three. */
export async function productMetrics(): Promise<Map<string, readonly string[]>> {
  const endorser = createMetricsRegistry('1.4.12');
  countLogEntries(endorser);
  for (const Metrics of [
    ChaincodeMetrics,
    CommitterMetrics,
    DeliverMetrics,
    EndorserMetrics,
    GrpcMetrics,
    LaunchMetrics,
    LedgerMetrics,
  ]) {
    new Metrics(endorser);
  }
  const operator = new Registry();
  new OperatorMetrics(operator, 1);
  const series = new Map<string, readonly string[]>();
  for (const registry of [endorser, operator]) {
    for (const { name, type } of await registry.getMetricsAsJSON()) {
      const { labelNames } = registry.getSingleMetric(name) as unknown as WithLabelNames;
      if (String(type) !== 'histogram') series.set(name, labelNames);
      else {
        series.set(`${name}_bucket`, [...labelNames, 'le']);
        for (const part of ['sum', 'count']) series.set(`${name}_${part}`, labelNames);
      }
    }
  }
  return series;
}
