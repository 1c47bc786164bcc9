import { Command, Option } from 'commander';
import type { OperatorFlags } from './operatorFlags.js';

/** `chaincode-launcher operator`: turns ChaincodeLaunch objects into Pods, until it is interrupted. */
export function operatorCommand(): Command {
  return new Command('operator')
    .description('Run the Kubernetes operator: it turns ChaincodeLaunch objects into Pods')
    .option(
      '-n, --namespace <name>',
      "namespace to serve (default: the Pod's own, or that of the kubeconfig)",
    )
    .option('-A, --all-namespaces', 'serve all namespaces')
    .requiredOption('--image <ref>', "this program's own image, whose `fetch` brings files into the Pods")
    .addOption(
      new Option('--image-pull-policy <policy>', 'pull policy of all images').choices([
        'Always',
        'IfNotPresent',
        'Never',
      ]),
    )
    .option(
      '--run-as-user <uid>',
      'user and group of all containers; "none" leaves it to the cluster',
      '65532',
    )
    .option('--workers <count>', 'launches worked on at the same time', '8')
    .option('--kubeconfig <file>', 'kubeconfig (default: service account, KUBECONFIG, ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--no-leader-election', 'act without a lease: only where a second operator is impossible')
    .option('--lease-name <name>', 'name of the Lease', 'chaincode-launcher')
    .option('--lease-namespace <name>', 'namespace of the Lease (default: the namespace served)')
    .option('--lease-owner <object>', 'with whose end the Lease goes, as apps/v1/deployments/operator')
    .option(
      '--lease-duration <duration>',
      'others take over when the lease was not renewed for so long',
      '15s',
    )
    .option('--renew-deadline <duration>', 'stop when the lease could not be renewed for so long', '10s')
    .option('--retry-period <duration>', 'pause between two tries for the lease', '2s')
    .option('--watch-idle <duration>', 'a watch that is silent for so long is taken for dead', '90s')
    .option('--operations-address <host:port>', 'where /healthz, /readyz and /metrics are', '127.0.0.1:9444')
    .option(
      '--status-page <host:port>',
      'serve a read-only page of the launches; it asks nobody who they are: leave it on 127.0.0.1 for kubectl port-forward, or put an authenticating proxy before it (default: not served)',
    )
    .option('-v, --verbose', 'log at debug level')
    .addHelpText(
      'after',
      '\nExample:\n  $ chaincode-launcher operator --namespace fabric --image registry.example.com/chaincode-launcher:0.1.0',
    )
    .action(async (flags: OperatorFlags) => {
      const { runOperator } = await import('./operator.js');
      await runOperator(flags);
    });
}
