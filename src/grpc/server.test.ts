import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Client,
  status,
  type ServiceError,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { common } from '../protos/index.js';
import { channelOptions, grpcCredentials } from './client.js';
import { GrpcServer, type GrpcServerOptions } from './server.js';

type Answer = { error: ServiceError | null; value: Buffer | undefined };

const raw = {
  requestSerialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
};
const definition = {
  echo: {
    path: '/test.v1.Echo/Echo',
    requestStream: false,
    responseStream: false,
    ...raw,
    requestDeserialize: (bytes: Buffer) => {
      common.Envelope.deserializeBinary(bytes);
      return bytes;
    },
  },
  chat: {
    path: '/test.v1.Echo/Chat',
    requestStream: true,
    responseStream: true,
    ...raw,
    requestDeserialize: (bytes: Buffer) => bytes,
  },
};

let held: (() => void)[] = [];
const implementation = {
  echo: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
    const text = envelopeText(call.request);
    if (text === 'hold') held.push(() => callback(null, call.request));
    else if (text === 'deny') callback({ code: status.PERMISSION_DENIED, details: 'no' });
    else callback(null, call.request);
  },
  chat: (call: ServerDuplexStream<Buffer, Buffer>) => {
    call.on('data', (message: Buffer) => call.write(message));
    call.on('end', () => call.end());
  },
};

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  held = [];
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(options: Partial<GrpcServerOptions> = {}): Promise<GrpcServer> {
  const server = new GrpcServer({ address: '127.0.0.1:0', ...options });
  server.addService(definition, implementation);
  await server.start();
  closers.push(() => server.stop(0));
  return server;
}

function connect(server: GrpcServer, tls = {}, settings = {}): Client {
  const client = new Client(server.address, grpcCredentials(tls), channelOptions(settings));
  closers.push(() => client.close());
  return client;
}

function envelope(text: string): Buffer {
  const message = new common.Envelope();
  message.setPayload(Buffer.from(text));
  return Buffer.from(message.serializeBinary());
}

function envelopeText(bytes: Buffer): string {
  return Buffer.from(common.Envelope.deserializeBinary(bytes).getPayload_asU8()).toString();
}

function call(client: Client, message: Buffer): Promise<Answer> {
  const identity = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(definition.echo.path, identity, identity, message, (error, value) =>
      resolve({ error, value }),
    );
  });
}

describe('a gRPC server', () => {
  it('answers on the port that it was given for 0', async () => {
    const server = await serve();
    expect(server.port).toBeGreaterThan(0);
    const { value } = await call(connect(server), envelope('hello'));
    expect(envelopeText(value!)).toBe('hello');
  });

  it('says which address is taken', async () => {
    const first = await serve();
    const second = new GrpcServer({ address: first.address });
    await expect(second.start()).rejects.toThrow(
      `failed to listen on ${first.address}: listen EADDRINUSE: address already in use ${first.address}`,
    );
  });

  it('answers an undecodable request as Go does', async () => {
    const { error } = await call(connect(await serve()), Buffer.from('ff', 'hex'));
    expect(error?.code).toBe(status.INTERNAL);
    expect(error?.details).toMatch(/^grpc: error unmarshalling request: ./);
  });

  it('refuses a message above the limit and goes on', async () => {
    const client = connect(await serve({ maxMessageBytes: 1000 }));
    const { error } = await call(client, envelope('x'.repeat(2000)));
    expect([error?.code, error?.details]).toEqual([
      status.RESOURCE_EXHAUSTED,
      'Received message larger than max (2003 vs 1000)',
    ]);
    expect((await call(client, envelope('small'))).error).toBeNull();
  });

  it('lets a running call end before it stops', async () => {
    const server = await serve();
    const client = connect(server);
    const answer = call(client, envelope('hold'));
    await expect.poll(() => held.length).toBe(1);
    const stopped = server.stop(5000);
    held[0]!();
    expect((await answer).error).toBeNull();
    await stopped;
  });

  it('cuts what has not ended after the grace time', async () => {
    const server = await serve();
    const answer = call(connect(server), envelope('hold'));
    await expect.poll(() => held.length).toBe(1);
    await server.stop(50);
    expect([status.CANCELLED, status.UNAVAILABLE]).toContain((await answer).error?.code);
  });

  it('counts calls, messages and connections under the names of Fabric', async () => {
    const registry = new Registry();
    const server = await serve({ metrics: registry });
    const client = connect(server);
    await call(client, envelope('a'));
    await call(client, envelope('b'));
    await call(client, envelope('deny'));
    await call(client, Buffer.from('ff', 'hex'));
    const identity = (bytes: Buffer): Buffer => bytes;
    const stream = client.makeBidiStreamRequest(definition.chat.path, identity, identity);
    stream.write(envelope('1'));
    stream.write(envelope('2'));
    stream.end();
    await new Promise((resolve) => stream.on('data', () => undefined).on('status', resolve));
    const labels = 'service="test_v1_Echo",method="Echo"';
    const chat = 'service="test_v1_Echo",method="Chat"';
    await expect
      .poll(async () => (await registry.metrics()).split('\n'))
      .toEqual(
        expect.arrayContaining([
          `grpc_server_unary_requests_received{${labels}} 4`,
          `grpc_server_unary_requests_completed{${labels},code="OK"} 2`,
          `grpc_server_unary_requests_completed{${labels},code="PermissionDenied"} 1`,
          `grpc_server_unary_requests_completed{${labels},code="Internal"} 1`,
          `grpc_server_unary_request_duration_count{${labels},code="OK"} 2`,
          `grpc_server_stream_requests_received{${chat}} 1`,
          `grpc_server_stream_requests_completed{${chat},code="OK"} 1`,
          `grpc_server_stream_messages_received{${chat}} 2`,
          `grpc_server_stream_messages_sent{${chat}} 2`,
          'grpc_comm_conn_opened 1',
          'grpc_comm_conn_closed 0',
        ]),
      );
    client.close();
    await expect.poll(() => registry.metrics()).toContain('grpc_comm_conn_closed 1');
  });
});

describe('a gRPC server with TLS', () => {
  async function material() {
    // The material of a development network, made by its own code, would point upwards; openssl is everywhere.
    const dir = await mkdtemp(join(tmpdir(), 'grpc-tls-'));
    closers.push(() => rm(dir, { recursive: true }));
    const { execFileSync } = await import('node:child_process');
    const run = (...args: string[]): void => {
      execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
    };
    for (const name of ['server', 'client', 'stranger']) {
      run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
        '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:peer.test'); // prettier-ignore
    }
    const read = (name: string): Promise<Buffer> => readFile(join(dir, name));
    return { read };
  }

  it('takes clients of its CAs only, and shows their certificate', async () => {
    const { read } = await material();
    const seen: (Buffer | undefined)[] = [];
    const server = new GrpcServer({
      address: '127.0.0.1:0',
      tls: {
        cert: await read('server.crt'),
        key: await read('server.key'),
        clientRootCas: [await read('client.crt')],
        clientAuthRequired: true,
      },
    });
    server.addService(definition, {
      ...implementation,
      echo: (one: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
        seen.push(one.getAuthContext().sslPeerCertificate?.raw);
        callback(null, one.request);
      },
    });
    await server.start();
    closers.push(() => server.stop(0));
    const rootCa = await read('server.crt');
    const as = async (name: string) =>
      connect(
        server,
        { rootCa, clientCert: await read(`${name}.crt`), clientKey: await read(`${name}.key`) },
        { serverNameOverride: 'peer.test' },
      );
    expect((await call(await as('client'), envelope('a'))).error).toBeNull();
    const { X509Certificate } = await import('node:crypto');
    const sha = (der: Buffer): string => createHash('sha256').update(der).digest('hex');
    expect(sha(seen[0]!)).toBe(sha(new X509Certificate(await read('client.crt')).raw));
    expect((await call(await as('stranger'), envelope('a'))).error?.code).toBe(status.UNAVAILABLE);
    expect((await call(connect(server), envelope('a'))).error?.code).toBe(status.UNAVAILABLE);
  });
});
