import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { ApiConnection } from '../connection/api-connection.ts';
import { ApiClient } from './api-client.ts';
import type { KubernetesObject } from './object.ts';
import { parserOf, type Resource } from './resource.ts';

const things: Resource<KubernetesObject> = {
  apiVersion: 'example.dev/v1',
  kind: 'Thing',
  plural: 'things',
  namespaced: true,
  parse: parserOf('Thing'),
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Runs the test with a client of a server that gives these answers, one for each request. */
async function withServer(
  answers: readonly Answer[],
  test: (client: ApiClient, clock: ManualClock, requests: string[]) => Promise<void>,
): Promise<void> {
  const requests: string[] = [];
  const left = [...answers];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    left.shift()?.(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const access = { server: `http://127.0.0.1:${port}/prefix/`, identity: {} };
  await using connection = new ApiConnection(access, { timeout: 2_000 });
  const clock = new ManualClock();
  try {
    await test(new ApiClient({ connection, clock }), clock, requests);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const failure = (reason: string, code: number, details?: object) => ({
  kind: 'Status',
  status: 'Failure',
  reason,
  code,
  message: `because ${reason}`,
  details,
});
const thing = { metadata: { name: 'a' } };

describe('ApiClient', () => {
  it("keeps the server's path and escapes names", () =>
    withServer([json(200, thing)], async (client, _clock, requests) => {
      await client.get(things, { name: 'a/b', namespace: 'n s' });
      assert.deepEqual(requests, ['GET /prefix/apis/example.dev/v1/namespaces/n%20s/things/a%2Fb']);
    }));

  const refusals: readonly [string, Answer, object][] = [
    ['the reason of a Status', json(403, failure('Forbidden', 403)), { code: 'Forbidden' }],
    [
      'a reason it does not know',
      json(418, failure('Teapot', 418)),
      { code: 'Unknown', status: 418 },
    ],
    ["a proxy's own page", json(500, '<html>'), { code: 'InternalError', status: 500 }],
    ['an answer that is no JSON', json(200, '<html>'), { code: 'InvalidResponse' }],
    ['an answer that is no object', json(200, []), { code: 'InvalidResponse' }],
    ['a connection that breaks', (request) => request.socket.destroy(), { code: 'Unreachable' }],
  ];
  for (const [name, answer, expected] of refusals) {
    it(`tells ${name}`, () =>
      withServer([answer], (client) =>
        assert.rejects(client.get(things, { name: 'a' }), { name: 'ApiError', ...expected }),
      ));
  }

  it('comes again when the server says so, and gives up in the end', async () => {
    const busy = json(429, failure('TooManyRequests', 429), { 'retry-after': '3' });
    await withServer([busy, busy, json(200, thing)], async (client, clock) => {
      const got = client.get(things, { name: 'a' });
      for (let waits = 1; waits <= 2; waits += 1) {
        while (clock.sleeps.length < waits) await new Promise((resolve) => setTimeout(resolve, 1));
        await clock.advance(3_000);
      }
      assert.equal((await got).metadata.name, 'a');
      assert.deepEqual(clock.sleeps, [3_000, 3_000]);
    });
  });

  it('keeps the connection over which it has deleted something', async () => {
    const ports: (number | undefined)[] = [];
    const answer: Answer = (request, response) => {
      ports.push(request.socket.remotePort);
      request.resume().on('end', () => response.end(JSON.stringify(thing)));
    };
    await withServer([answer, answer], async (client) => {
      await client.delete(things, { name: 'a', namespace: 'n' }, { uid: 'u' });
      await setImmediate(); // the connection is free a little after the answer
      await client.get(things, { name: 'a', namespace: 'n' });
    });
    assert.equal(new Set(ports).size, 1, `connections: ${ports}`);
  });

  it('ends with the signal, whatever the server does', () =>
    withServer([() => undefined], async (client) => {
      const signal = AbortSignal.timeout(20);
      await assert.rejects(client.get(things, { name: 'a' }, { signal }), { name: 'TimeoutError' });
    }));
});

describe('ApiClient.watch', () => {
  const watch = (client: ApiClient) => client.watch(things, { namespace: 'n' }, '5');
  const event = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

  it('asks for bookmarks and for an end, and gives events as they come', () =>
    withServer(
      [
        json(
          200,
          event('ADDED', thing) + event('BOOKMARK', { metadata: { resourceVersion: '9' } }),
        ),
      ],
      async (client, _clock, requests) => {
        const events: string[] = [];
        for await (const { type } of watch(client)) events.push(type);
        assert.deepEqual(events, ['ADDED', 'BOOKMARK']);
        assert.match(
          requests[0] ?? '',
          /things\?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=\d{3}$/,
        );
      },
    ));

  const endings: readonly [string, Answer, string][] = [
    ['an old version', json(200, event('ERROR', failure('Expired', 410))), 'Expired'],
    ['an old version, refused at once', json(410, failure('Gone', 410)), 'Gone'],
    ['what is no event', json(200, '{"type":"SURPRISE","object":{}}\n'), 'InvalidResponse'],
    ['an object without a name', json(200, event('ADDED', { metadata: {} })), 'InvalidResponse'],
    [
      'a connection that breaks',
      (_request, response) => {
        response.writeHead(200).write(event('ADDED', thing), () => response.destroy());
      },
      'Unreachable',
    ],
  ];
  for (const [name, answer, code] of endings) {
    it(`throws '${code}' for ${name}`, () =>
      withServer([answer], (client) =>
        assert.rejects(
          async () => {
            for await (const _event of watch(client));
          },
          { name: 'ApiError', code },
        ),
      ));
  }
});

describe('ApiClient with objects that its parser refuses', () => {
  const strict: Resource<KubernetesObject> = {
    ...things,
    parse: (value) => {
      const object = things.parse(value);
      if (object.metadata.name === 'strange') throw new TypeError('strange');
      return object;
    },
  };
  const strange = { metadata: { name: 'strange' } };
  const event = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;
  const list = json(200, { metadata: { resourceVersion: '5' }, items: [thing, strange] });

  it('leaves them out of a list where somebody hears of them, and fails else', () =>
    withServer([list, list], async (client) => {
      const errors: unknown[] = [];
      const onUnreadable = (error: unknown): void => void errors.push(error);
      const { items } = await client.list(strict, {}, { onUnreadable });
      assert.deepEqual(
        items.map(({ metadata }) => metadata.name),
        ['a'],
      );
      assert.equal(errors.length, 1);
      await assert.rejects(client.list(strict), TypeError);
    }));

  it('leaves them out of a watch, and asks for a new list when one is deleted', () => {
    const lines = ['ADDED', 'DELETED'].map((type) => event(type, strange));
    return withServer([json(200, lines.join(event('ADDED', thing)))], async (client) => {
      const seen: string[] = [];
      const watch = client.watch(strict, {}, '5', { onUnreadable: () => undefined });
      await assert.rejects(
        async () => {
          for await (const { type } of watch) seen.push(type);
        },
        { code: 'Expired' },
      );
      assert.deepEqual(seen, ['ADDED']);
    });
  });
});
