import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { LauncherError, messageOf } from '../errors.js';
import { clusterAccess } from '../k8s/client/access.js';
import { KubeClient } from '../k8s/client/kubeClient.js';
import { ownerReference } from '../k8s/client/owner.js';
import { checkLeaseTimes } from '../k8s/client/leaderElection.js';
import { OperatorMetrics } from '../k8s/operator/metrics.js';
import { Operator } from '../k8s/operator/operator.js';
import { HealthRegistry } from '../ops/health.js';
import { interrupted } from './interrupted.js';
import { startOperations } from './operations.js';
import { flagDuration, type OperatorFlags } from './operatorFlags.js';
import { programLogs } from './programLogs.js';
import { ShutdownStack } from './shutdown.js';
import { startStatusPage } from './statusPage.js';

/** Runs the operator until it is interrupted, or its lease is lost (rejects: the process must end). */
export async function runOperator(flags: OperatorFlags): Promise<void> {
  const times = {
    durationMs: flagDuration('lease-duration', flags.leaseDuration),
    renewDeadlineMs: flagDuration('renew-deadline', flags.renewDeadline),
    retryMs: flagDuration('retry-period', flags.retryPeriod),
  };
  checkLeaseTimes(times);
  const workers = count('workers', flags.workers);
  const { logs, metrics } = await programLogs(process.env['FABRIC_LOGGING_SPEC'] ?? 'info', flags.verbose);
  const shutdown = new ShutdownStack(logs.logger('app'));
  const operatorMetrics = new OperatorMetrics(metrics, workers);
  const client = new KubeClient({
    access: await clusterAccess({
      ...(flags.kubeconfig !== undefined && { kubeconfig: flags.kubeconfig }),
      ...(flags.context !== undefined && { context: flags.context }),
    }),
    onRequest: operatorMetrics.onRequest,
  });
  shutdown.push('the API client', async () => client.close());
  const namespace = flags.namespace ?? client.namespace;
  const leaseNamespace = flags.leaseNamespace ?? namespace;
  const operator = new Operator({
    client,
    settings: {
      fetchImage: flags.image,
      ...(flags.imagePullPolicy && { imagePullPolicy: flags.imagePullPolicy }),
      ...(flags.runAsUser !== 'none' && { runAsUser: count('run-as-user', flags.runAsUser) }),
    },
    ...(!flags.allNamespaces && { namespace }),
    ...(flags.leaderElection && {
      election: {
        namespace: leaseNamespace,
        name: flags.leaseName,
        ...(flags.leaseOwner !== undefined && {
          owner: await ownerReference(client, leaseNamespace, flags.leaseOwner),
        }),
        identity: `${hostname()}_${randomUUID()}`,
        times,
      },
    }),
    workers,
    watchIdleMs: flagDuration('watch-idle', flags.watchIdle),
    metrics: operatorMetrics,
    logger: logs.logger('operator'),
  });
  const running = operator.run();
  shutdown.push('the operator', () => operator.stop());
  try {
    const operations = await startOperations({
      operations: { listenAddress: flags.operationsAddress, tls: noTls },
      metricsProvider: 'prometheus',
      logs,
      metrics,
      health: new HealthRegistry(),
      ready: () => operator.ready(),
    });
    shutdown.push('the operations endpoint', () => operations.stop());
    logs
      .logger('app')
      .info(
        { namespace: flags.allNamespaces ? '*' : namespace, server: client.server },
        `operator started, operations at http://${operations.address}`,
      );
    if (flags.statusPage !== undefined) {
      const page = await startStatusPage({
        address: flags.statusPage,
        source: operator,
        ...(!flags.allNamespaces && { namespace }),
      });
      shutdown.push('the status page', () => page.stop());
      logs.logger('app').info(`status page at http://${page.address}/ (read-only, open to all who reach it)`);
    }
    await Promise.race([interrupted(), running]);
  } catch (error) {
    logs.logger('app').error({ err: error }, messageOf(error));
    throw error;
  } finally {
    running.catch(() => undefined);
    await shutdown.stop();
  }
}

const noTls = { enabled: false, clientAuthRequired: false, clientRootCaFiles: [] };

function count(flag: string, text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw new LauncherError(`--${flag} ${text}: must be a number above 0`);
}
