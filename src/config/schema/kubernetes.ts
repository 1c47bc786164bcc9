import { count, duration, elsewhere, flag, names, path, section, text, texts } from './kinds.js';

/** How one platform is built and run in Pods. */
const platform = section('How chaincode of one platform is built and run in Pods.', {
  runtime: text('Image that it runs in. Empty = `chaincode.‹platform›.runtime`.'),
  builder: text('Image that builds it. Empty = `chaincode.builder`; for Java the runtime image.'),
  buildCommand: text(
    'Build command for `/bin/sh -c`: reads /chaincode/input, writes /chaincode/output. Empty = as Fabric does it.',
  ),
  mountPath: path('Folder of the build output in the container. Empty = as Fabric does it.'),
  command: text(
    'Start command for `/bin/sh -c`; `{address}` is the address of the endorser. Empty = as Fabric does it.',
  ),
});

/** Chaincode in Pods: what the endorser writes into its ChaincodeLaunch objects. */
export const kubernetes = section('Chaincode in Pods. Not in Fabric; only for `vm.provider: kubernetes`.', {
  kubeconfig: path(
    'kubeconfig file. Empty = the service account of the Pod, else `KUBECONFIG`, else ~/.kube/config.',
  ),
  context: text('Context of the kubeconfig. Empty = its current one.'),
  namespace: text('Namespace of the launches. Empty = that of the Pod, or of the context.'),
  instance: text('Tells endorsers apart that have the same network, MSP and peer id in one namespace.'),
  owner: text(
    'Object with which the launches are deleted, as `apps/v1/statefulsets/‹name›`. Empty = they stay.',
  ),
  artifacts: section('Where Pods fetch their files from.', {
    listenAddress: text(
      'host:port of the endorser for that. Empty = port 7055 on the host of the chaincode listener.',
    ),
    address: text(
      'host:port that Pods dial for that. Empty = the host that chaincode dials, with the port above.',
    ),
  }),
  golang: platform,
  car: platform,
  java: platform,
  node: platform,
  images: names(
    'Ready images that carry their chaincode, by `‹name›` or `‹name›:‹version›`. Nothing is built for these.',
  ),
  imagesWithoutShell: texts(
    'Chaincode, by `‹name›` or `‹name›:‹version›`, whose image has no /bin/sh. Costs a second per launch.',
  ),
  buildEnv: names('Environment of builds, such as proxies and registries for npm, Go and Maven.'),
  pod: elsewhere(
    'Settings of the Pod of every chaincode: resources, nodeSelector, tolerations, affinity, imagePullSecrets, template, … as `spec.pod` of a ChaincodeLaunch.',
  ),
  pods: elsewhere('The same for some chaincode only, by `‹name›` or `‹name›:‹version›`. Wins over `pod`.'),
  timeouts: section('What each step of a launch may take; `chaincode.startuptimeout` bounds them all.', {
    build: duration('The build.', '300s'),
    schedule: duration('Finding a node.', '300s'),
    start: duration('Pulling images and starting containers.', '300s'),
    register: duration('From the start of the chaincode to its registration.', '300s'),
    imagePullGrace: duration('A failing image pull is tried again for so long.', '30s'),
  }),
  networkPolicy: flag('Chaincode reaches the endorser’s two ports and DNS, nothing else.', true),
  endorserPodLabels: names(
    'Labels of the endorser’s own Pods, in the namespace of the launches. Where `peer.chaincodeAddress` is a name, the NetworkPolicy lets chaincode reach these Pods; without them, the two ports of any host.',
  ),
  attachStdout: flag(
    'What chaincode prints goes into the log of the endorser. Needs the right `get pods/log`.',
  ),
  prewarmed: count('So many Pods of each runtime image run already and wait for a chaincode.'),
  keepFinished: duration('Launches that have ended are kept so long for people to look at.', '24h'),
});
