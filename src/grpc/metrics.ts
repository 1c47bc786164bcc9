import { status } from '@grpc/grpc-js';
import { Counter, Histogram, type Registry } from 'prom-client';

/** What one method of a service reports; made once, so that a call costs no look-up of names. */
export interface MethodMetrics {
  received(): void;
  /** @param startedAt performance.now() at the start of the call */
  completed(code: number, startedAt: number): void;
  messageReceived(): void;
  messageSent(): void;
}

type MethodLabel = 'service' | 'method';
type CallLabel = MethodLabel | 'code';

/** Go's names of the status codes, which is what Fabric's label `code` holds. */
const codeNames = new Map<number, string>(
  Object.entries(status)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, code]) => [code, name === 'OK' ? name : camelCase(name)]),
);

function camelCase(name: string): string {
  if (name === 'CANCELLED') return 'Canceled';
  return name
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}

interface KindMetrics {
  readonly received: Counter<MethodLabel>;
  readonly completed: Counter<CallLabel>;
  readonly duration: Histogram<CallLabel>;
}

/** grpc_server_* and grpc_comm_conn_* (contract 15). One per registry: several servers share it. */
export class GrpcMetrics {
  readonly #unary: KindMetrics;
  readonly #stream: KindMetrics;
  readonly #messagesReceived: Counter<MethodLabel>;
  readonly #messagesSent: Counter<MethodLabel>;
  readonly #opened: Counter;
  readonly #closed: Counter;

  constructor(registry: Registry) {
    this.#unary = kindMetrics(registry, 'unary');
    this.#stream = kindMetrics(registry, 'stream');
    const labelNames = ['service', 'method'] as const;
    const counter = (name: string, help: string): Counter<MethodLabel> =>
      new Counter({ name, help, labelNames, registers: [registry] });
    this.#messagesReceived = counter(
      'grpc_server_stream_messages_received',
      'The number of stream messages received.',
    );
    this.#messagesSent = counter('grpc_server_stream_messages_sent', 'The number of stream messages sent.');
    this.#opened = new Counter({
      name: 'grpc_comm_conn_opened',
      help: 'gRPC connections opened. Open minus closed is the active number of connections.',
      registers: [registry],
    });
    this.#closed = new Counter({
      name: 'grpc_comm_conn_closed',
      help: 'gRPC connections closed. Open minus closed is the active number of connections.',
      registers: [registry],
    });
  }

  connectionOpened(): void {
    this.#opened.inc();
  }

  connectionClosed(): void {
    this.#closed.inc();
  }

  /** @param path `/protos.Endorser/ProcessProposal` */
  method(path: string, streaming: boolean): MethodMetrics {
    const [, servicePart = '', method = ''] = path.split('/');
    const service = servicePart.replaceAll('.', '_');
    const kind = streaming ? this.#stream : this.#unary;
    const received = kind.received.labels(service, method);
    const sent = this.#messagesSent.labels(service, method);
    const got = this.#messagesReceived.labels(service, method);
    const byCode = new Map<number, { count: Counter.Internal; time: Histogram.Internal<CallLabel> }>();
    const outcome = (code: number): { count: Counter.Internal; time: Histogram.Internal<CallLabel> } => {
      let found = byCode.get(code);
      if (!found) {
        const name = codeNames.get(code) ?? `Code(${code})`;
        found = {
          count: kind.completed.labels(service, method, name),
          time: kind.duration.labels(service, method, name),
        };
        byCode.set(code, found);
      }
      return found;
    };
    return {
      received: () => received.inc(),
      completed: (code, startedAt) => {
        const { count, time } = outcome(code);
        count.inc();
        time.observe((performance.now() - startedAt) / 1000);
      },
      messageReceived: () => got.inc(),
      messageSent: () => sent.inc(),
    };
  }
}

function kindMetrics(registry: Registry, kind: 'unary' | 'stream'): KindMetrics {
  const registers = [registry];
  return {
    received: new Counter({
      name: `grpc_server_${kind}_requests_received`,
      help: `The number of ${kind} requests received.`,
      labelNames: ['service', 'method'],
      registers,
    }),
    completed: new Counter({
      name: `grpc_server_${kind}_requests_completed`,
      help: `The number of ${kind} requests completed.`,
      labelNames: ['service', 'method', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: `grpc_server_${kind}_request_duration`,
      help: `The time to complete a ${kind} request.`,
      labelNames: ['service', 'method', 'code'],
      registers,
    }),
  };
}
