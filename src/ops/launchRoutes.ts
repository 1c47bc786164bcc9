import type { FastifyInstance, FastifyReply } from 'fastify';
import type { LaunchSummary, LaunchView } from './launchView.js';

interface NameParameter {
  Params: { name: string };
}

/** Read-only JSON over the launches: `/launches`, `/launches/‹name›`, `/launches/‹name›/logs[?follow=1]`. */
export function addLaunchRoutes(server: FastifyInstance, launches: LaunchView): void {
  server.get('/launches', async () => ({ launches: launches.list().map(shown) }));

  server.get<NameParameter>('/launches/:name', async (request, reply) => {
    const launch = launches.get(request.params.name);
    return launch ? shown(launch) : noSuchLaunch(reply, request.params.name);
  });

  server.get<NameParameter & { Querystring: { follow?: string } }>(
    '/launches/:name/logs',
    async (request, reply) => {
      const { name } = request.params;
      const lines = launches.lines(name);
      if (!lines) return noSuchLaunch(reply, name);
      const text = lines.map((line) => `${line}\n`).join('');
      void reply.type('text/plain; charset=utf-8');
      if (!['1', 'true', ''].includes(request.query.follow ?? '0')) return text;
      followLines(reply, launches, name, text);
      return reply;
    },
  );
}

/** Sends what is there, then every new line until the client goes away. */
function followLines(reply: FastifyReply, launches: LaunchView, name: string, text: string): void {
  reply.hijack();
  const { raw } = reply;
  const gone = new AbortController();
  raw.on('close', () => gone.abort());
  raw.on('error', () => gone.abort());
  raw.setTimeout(0);
  raw.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-request-id': reply.request.id });
  raw.flushHeaders();
  raw.write(text);
  launches.follow(
    name,
    (line) => {
      // A client that does not read must not make this process keep the lines for it.
      if (raw.writableLength > maxUnsentBytes) raw.destroy();
      else raw.write(`${line}\n`);
    },
    gone.signal,
  );
}

const maxUnsentBytes = 1024 * 1024;

function shown(launch: LaunchSummary): Record<string, unknown> {
  return { ...launch, startedAt: launch.startedAt.toISOString() };
}

function noSuchLaunch(reply: FastifyReply, name: string): { error: string } {
  void reply.code(404);
  return { error: `no launch of ${name}` };
}
