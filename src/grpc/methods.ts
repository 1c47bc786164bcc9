import {
  status,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  type ServerDuplexStream,
  type ServiceDefinition,
  type ServiceError,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { messageOf } from '../errors.js';
import type { GrpcMetrics, MethodMetrics } from './metrics.js';

/** A service as a grpc-js server takes it. */
export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** Stands in for a request that did not decode, so that the answer has Go's text. */
class Undecodable {
  constructor(readonly reason: string) {}
}

type AnyMethod = MethodDefinition<unknown, unknown>;
type UnaryHandler = handleUnaryCall<unknown, unknown>;
type StreamHandler = handleBidiStreamingCall<unknown, unknown>;

/**
 * A service with metrics and Go's answer to what does not decode. Messages are counted where they are decoded and
 * encoded, which costs a call nothing but the count (interceptors cost some microseconds a message).
 */
export function instrument(service: GrpcService, metrics: GrpcMetrics | undefined): GrpcService {
  const definition: Record<string, AnyMethod> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(service.definition) as [string, AnyMethod][]) {
    const handler = service.implementation[name];
    if (!handler) continue;
    const streaming = method.requestStream || method.responseStream;
    const counts = metrics?.method(method.path, streaming);
    if (streaming) {
      definition[name] = counts ? countMessages(method, counts) : method;
      implementation[name] = counts ? countStream(handler as StreamHandler, counts) : handler;
    } else {
      definition[name] = { ...method, requestDeserialize: tolerant(method) };
      implementation[name] = unary(handler as UnaryHandler, counts);
    }
  }
  return { definition, implementation };
}

function tolerant(method: AnyMethod): (bytes: Buffer) => unknown {
  return (bytes) => {
    try {
      return method.requestDeserialize(bytes);
    } catch (error) {
      return new Undecodable(messageOf(error));
    }
  };
}

function unary(handler: UnaryHandler, counts: MethodMetrics | undefined): UnaryHandler {
  return (call, callback) => {
    const startedAt = performance.now();
    counts?.received();
    const answer: typeof callback = (error, value, trailer, flags) => {
      counts?.completed(error ? (error.code ?? status.UNKNOWN) : status.OK, startedAt);
      callback(error, value, trailer, flags);
    };
    if (call.request instanceof Undecodable) {
      const details = `grpc: error unmarshalling request: ${call.request.reason}`;
      answer({ code: status.INTERNAL, details });
      return;
    }
    handler(call, answer);
  };
}

function countMessages(method: AnyMethod, counts: MethodMetrics): AnyMethod {
  return {
    ...method,
    requestDeserialize: (bytes) => {
      counts.messageReceived();
      return method.requestDeserialize(bytes);
    },
    responseSerialize: (message) => {
      counts.messageSent();
      return method.responseSerialize(message);
    },
  };
}

function countStream(handler: StreamHandler, counts: MethodMetrics): StreamHandler {
  return (call) => {
    const startedAt = performance.now();
    counts.received();
    let open = true;
    const done = (code: number): void => {
      if (!open) return;
      open = false;
      counts.completed(code, startedAt);
    };
    const stream: ServerDuplexStream<unknown, unknown> = call;
    stream.once('error', (error: Partial<ServiceError>) => done(error.code ?? status.UNKNOWN));
    stream.once('cancelled', () => done(status.CANCELLED));
    stream.once('finish', () => done(status.OK));
    handler(call);
  };
}
