import { Type, type Static, type TSchema } from 'typebox';

const text = (description: string, more: object = {}): ReturnType<typeof Type.String> =>
  Type.String({ description, maxLength: 1024, ...more });
const seconds = (description: string, value: number): ReturnType<typeof Type.Integer> =>
  Type.Integer({ description, minimum: 1, maximum: 86_400, default: value });
/** A map of texts; typebox's own Record has patternProperties, which a structural schema may not have. */
const map = (description: string, values: object): TSchema => ({
  type: 'object',
  description,
  additionalProperties: values,
});
const texts = (description: string) =>
  Type.Unsafe<Readonly<Record<string, string>>>(map(description, { type: 'string' }));
/** Kubernetes' own part of a Pod: checked by the API server when the Pod is made. */
function podPart<T>(description: string, type: 'object' | 'array' = 'object') {
  return Type.Unsafe<T>(
    type === 'object'
      ? { type, description, 'x-kubernetes-preserve-unknown-fields': true }
      : {
          type,
          description,
          maxItems: 64,
          items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
  );
}
const quantities = (description: string) =>
  Type.Unsafe<Record<string, string | number>>(
    map(description, {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      pattern: quantityPattern,
    }),
  );
const quantityPattern =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';

export const chaincodeTypes = ['GOLANG', 'NODE', 'CAR', 'JAVA'] as const;
export const phases = [
  'Pending',
  'Building',
  'Scheduling',
  'Starting',
  'Registering',
  'Warm',
  'Ready',
  'Failed',
  'Stopped',
] as const;

const chaincode = Type.Object(
  {
    name: text('Name of the chaincode, as it was installed.', { minLength: 1 }),
    version: text('Version of the chaincode, as it was installed.', { minLength: 1 }),
    type: Type.Enum([...chaincodeTypes], { description: "Fabric's ChaincodeSpec.Type." }),
    path: Type.Optional(text('ChaincodeID.path of the installed package.', { maxLength: 4096 })),
  },
  {
    description: 'Which chaincode is launched. Cannot be changed: another chaincode is another launch.',
    'x-kubernetes-validations': [
      {
        rule: 'self.name == oldSelf.name && self.version == oldSelf.version',
        message: 'name and version cannot be changed: make another ChaincodeLaunch',
      },
    ],
  },
);

const peer = Type.Object(
  {
    id: text('peer.id of the endorser.', { minLength: 1 }),
    networkId: Type.Optional(text('peer.networkId of the endorser.')),
    mspID: text('The MSP that the endorser belongs to.', { minLength: 1 }),
    address: text('host:port that the chaincode dials (peer.chaincodeAddress).', {
      pattern: '^.+:[0-9]+$',
    }),
    podLabels: Type.Optional(
      texts(
        'Labels of the Pods in this namespace that serve this address. Where it is a name, the NetworkPolicy names them.',
      ),
    ),
    channel: Type.Optional(text('The channel whose proposal asked for this launch first.')),
    transaction: Type.Optional(text('The transaction that asked for this launch.')),
  },
  {
    description: 'The endorsing peer that wants the chaincode. Only its address may change.',
    'x-kubernetes-validations': [
      {
        rule: 'self.id == oldSelf.id && self.mspID == oldSelf.mspID',
        message: 'id and mspID cannot be changed: a launch belongs to one endorser',
      },
    ],
  },
);

const artifacts = Type.Object(
  {
    url: text('https URL of the endorser that hands out packages, build outputs and TLS files.', {
      pattern: '^https://.+$',
    }),
    caBundle: text('PEM of the CA that the URL is checked against.', { maxLength: 65_536 }),
    audience: text('Audience of the token by which the Pod proves who it is.', { minLength: 1 }),
  },
  { description: 'Where the Pod fetches from.' },
);

const digest = (description: string) => text(description, { pattern: '^sha256:[0-9a-f]{64}$' });

const source = Type.Object(
  {
    artifacts: Type.Optional(artifacts),
    package: Type.Optional(digest('Digest of the installed code package.')),
    output: Type.Optional(
      digest(
        'Digest of the build output. Set by the endorser once it has it; without it a build runs first.',
      ),
    ),
    mountPath: Type.Optional(text('Where the build output lies in the container.', { pattern: '^/.+$' })),
    image: text('Image that the chaincode runs in: a runtime, or one that carries the chaincode.', {
      minLength: 1,
    }),
    shell: Type.Boolean({
      description:
        'Does the image have /bin/sh? Without one the files are fetched by an init container, which costs a second.',
      default: true,
    }),
  },
  {
    description: 'What is run.',
    'x-kubernetes-validations': [
      {
        rule: '!has(self.package) || has(self.artifacts)',
        message: 'artifacts is required with package: the package is fetched from there',
      },
      {
        rule: '!(has(self.package) || has(self.output)) || has(self.mountPath)',
        message: 'mountPath is required with package: the output must lie somewhere',
      },
    ],
  },
);

const build = Type.Object(
  {
    image: text('The builder image.', { minLength: 1 }),
    command: text('Run by /bin/sh -c; reads /chaincode/input, writes /chaincode/output.', {
      minLength: 1,
      maxLength: 8192,
    }),
    env: Type.Optional(texts('Environment of the build: proxies and registries for npm, go, maven.')),
    resources: Type.Optional(resources('Resources of the builder.')),
  },
  { description: 'How the package is built. Runs once per package, image and command.' },
);

function resources(description: string) {
  return Type.Object(
    {
      requests: Type.Optional(quantities('What the scheduler keeps free for it.')),
      limits: Type.Optional(quantities('What it may use at most.')),
    },
    { description },
  );
}

export const podSchema = Type.Object(
  {
    resources: Type.Optional(resources('Resources of the chaincode container.')),
    nodeSelector: Type.Optional(texts('Labels that the node must have.')),
    tolerations: Type.Optional(podPart<readonly object[]>('Taints that the Pod tolerates.', 'array')),
    affinity: Type.Optional(podPart<object>('Affinity of the Pod.')),
    topologySpreadConstraints: Type.Optional(
      podPart<readonly object[]>('How the Pods spread over the cluster.', 'array'),
    ),
    priorityClassName: Type.Optional(text('Priority class of the Pod.')),
    runtimeClassName: Type.Optional(text('Runtime class of the Pod, such as gvisor or kata.')),
    serviceAccountName: Type.Optional(text('Service account of the Pod; it needs no rights.')),
    imagePullSecrets: Type.Optional(
      Type.Array(Type.Object({ name: text('Name of the Secret.', { default: '' }) }), {
        description: 'Secrets for pulling the images.',
        maxItems: 32,
      }),
    ),
    terminationGracePeriodSeconds: Type.Optional(
      Type.Integer({ description: 'Time to end after SIGTERM.', minimum: 0, maximum: 3600 }),
    ),
    template: Type.Optional(
      podPart<PodTemplate>(
        'A PodTemplateSpec laid over the Pod: maps are merged, lists are merged by name where their entries have one.',
      ),
    ),
  },
  { description: 'How the Pod differs from the default one.' },
);

export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

const timeouts = Type.Object(
  {
    buildSeconds: seconds('The build is given up after so long.', 300),
    scheduleSeconds: seconds('A node must be found within this time.', 300),
    startSeconds: seconds('Images must be pulled and the chaincode started within this time.', 300),
    registerSeconds: seconds('The chaincode must register within this time after its start.', 300),
    imagePullGraceSeconds: Type.Integer({
      description: 'A failing image pull is retried for so long.',
      minimum: 0,
      maximum: 86_400,
      default: 30,
    }),
  },
  {
    description: 'What each phase may take. The endorser gives up at its own startup timeout in any case.',
    default: {},
  },
);

export const specSchema = Type.Object(
  {
    chaincode,
    peer,
    source,
    build: Type.Optional(build),
    command: Type.Array(Type.String({ maxLength: 4096 }), {
      description: 'Command line of the chaincode.',
      maxItems: 64,
    }),
    env: Type.Optional(
      Type.Array(
        Type.Object({
          name: text('Name of the variable.', { minLength: 1, maxLength: 256 }),
          value: Type.String({
            description: 'Its value. Secrets do not belong here.',
            maxLength: 4096,
            default: '',
          }),
        }),
        {
          description: 'Environment of the chaincode.',
          maxItems: 256,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
      ),
    ),
    tls: Type.Boolean({
      description: 'The chaincode dials the endorser with TLS: its five files are fetched into memory.',
      default: true,
    }),
    warm: Type.Optional(
      Type.Boolean({
        description:
          'A prewarmed Pod of the endorser: started, and waiting for a chaincode that is given to it.',
      }),
    ),
    adopt: Type.Optional(
      Type.Object(
        {
          launch: text('Name of the prewarmed ChaincodeLaunch; it is deleted when its Pod is taken over.'),
          podUid: text('UID of its Pod.'),
        },
        { description: 'The prewarmed Pod that this attempt runs in, instead of one of its own.' },
      ),
    ),
    pod: Type.Optional(podSchema),
    timeouts: Type.Optional(timeouts),
    networkPolicy: Type.Boolean({
      description: "Lets the chaincode reach nothing but the endorser's ports and DNS.",
      default: true,
    }),
    launch: Type.Integer({
      description:
        'Number of the launch attempt. Raising it ends the Pod of the last attempt and starts another one.',
      minimum: 1,
      default: 1,
    }),
    suspended: Type.Boolean({ description: 'True ends the Pod and starts none.', default: false }),
    suspendReason: Type.Optional(text('Why it was suspended, for status and events.', { maxLength: 4096 })),
    ttlSecondsAfterFinished: Type.Optional(
      Type.Integer({
        description: 'A launch that has ended is deleted after so long. Absent = never.',
        minimum: 0,
      }),
    ),
  },
  {
    description: 'What is to run.',
    'x-kubernetes-validations': [
      { rule: 'self.launch >= oldSelf.launch', message: 'launch can only be raised' },
      {
        rule: 'self.launch > oldSelf.launch || (self.source.image == oldSelf.source.image && self.command == oldSelf.command)',
        message: 'source.image and command change only with a new launch number',
      },
    ],
  },
);

const condition = Type.Object({
  type: text('Ready, Built, PodScheduled, Started, Registered, Reconciling or Stalled.', { minLength: 1 }),
  status: Type.Enum(['True', 'False', 'Unknown'], { description: 'Whether it holds.' }),
  reason: text('One CamelCase word: why.', { minLength: 1 }),
  message: text('The same for people.', { maxLength: 32_768 }),
  lastTransitionTime: Type.String({ format: 'date-time', description: 'When the status changed last.' }),
  observedGeneration: Type.Optional(
    Type.Integer({ description: 'Generation of the object that this was seen at.' }),
  ),
});

const time = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));

export const statusSchema = Type.Object(
  {
    phase: Type.Optional(Type.Enum([...phases], { description: 'How far the launch is.' })),
    message: Type.Optional(text('What it waits for, or why it failed.', { maxLength: 32_768 })),
    reason: Type.Optional(text('The same in one CamelCase word.')),
    observedGeneration: Type.Optional(Type.Integer({ description: 'Generation that this status is about.' })),
    attempt: Type.Optional(Type.Integer({ description: 'Launch number that this status is about.' })),
    pod: Type.Optional(
      Type.Object(
        {
          name: text('Name of the Pod.'),
          uid: text('UID of the Pod.'),
          node: Type.Optional(text('Node of the Pod.')),
        },
        { description: 'The Pod of the chaincode.' },
      ),
    ),
    buildPod: Type.Optional(
      Type.Object(
        { name: text('Name of the Pod.'), uid: text('UID of the Pod.') },
        { description: 'The Pod of the build.' },
      ),
    ),
    conditions: Type.Optional(
      Type.Array(condition, {
        description: 'The state in the form that kubectl wait and kstatus read.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
    ),
    exit: Type.Optional(
      Type.Object(
        {
          code: Type.Integer({ description: 'Exit code of the chaincode.' }),
          reason: Type.Optional(text('Completed, Error, OOMKilled, Evicted, …')),
          signal: Type.Optional(text('Signal that ended it.')),
          lastLines: Type.Optional(
            Type.Array(Type.String({ maxLength: 2048 }), {
              description: 'The last lines that it printed, oldest first.',
              maxItems: 40,
            }),
          ),
        },
        { description: 'How the chaincode ended.' },
      ),
    ),
    times: Type.Optional(
      Type.Object(
        {
          begun: time('The operator saw this launch.'),
          built: time('The build output was there.'),
          podCreated: time('The Pod was made.'),
          scheduled: time('A node was found.'),
          started: time('The container of the chaincode started.'),
          registered: time('The chaincode registered.'),
          ended: time('The chaincode ended, or the launch failed.'),
        },
        { description: 'When each step of this attempt was reached.' },
      ),
    ),
    registration: Type.Optional(
      Type.Object(
        {
          launch: Type.Integer({ description: 'Launch number that registered.' }),
          registered: Type.Boolean({ description: 'False once its stream has ended.' }),
          time: Type.String({ format: 'date-time', description: 'When that was.' }),
        },
        {
          description:
            "Written by the endorser: what its handler registry knows. Everything else is the operator's.",
        },
      ),
    ),
  },
  { description: 'What is.' },
);

export type LaunchSpec = Static<typeof specSchema>;
export type LaunchStatus = Static<typeof statusSchema>;
export type Phase = (typeof phases)[number];
