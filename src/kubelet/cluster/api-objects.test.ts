import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { ApiClient } from '../../kubernetes/api/api-client.ts';
import { ApiConnection } from '../../kubernetes/connection/api-connection.ts';
import { parsePod } from '../pods/parse-pod.ts';
import { ApiObjects } from './api-objects.ts';

const pod = parsePod({
  metadata: { name: 'p', namespace: 'default', uid: 'u' },
  spec: { containers: [{ name: 'c', image: 'i' }] },
});
const request = { audience: '', expirationSeconds: 3607 };
const early =
  'serviceaccounts "default" is forbidden: node requested token bound to a pod scheduled on a different node';
const never = 'serviceaccounts "default" is forbidden: no';

/** An API server that refuses the first requests for a token with these messages, and counts all. */
async function tokens(refusals: readonly string[]) {
  const asked = { count: 0 };
  const server = createServer((_request, response) => {
    const message = refusals[asked.count];
    asked.count += 1;
    const body =
      message === undefined
        ? { status: { token: 't' }, spec: { expirationSeconds: 3607 } }
        : { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', message };
    response.writeHead(message === undefined ? 201 : 403, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = new ApiConnection({ server: `http://127.0.0.1:${port}`, identity: {} });
  const objects = new ApiObjects({
    client: new ApiClient({ connection }),
    onError: (error) => assert.fail(String(error)),
  });
  const dispose = async () => {
    await connection[Symbol.asyncDispose]();
    server.close();
  };
  return { asked, objects, [Symbol.asyncDispose]: dispose };
}

describe('ApiObjects', () => {
  it('asks again for a token until the server knows where the pod is', async () => {
    await using api = await tokens([early, early]);
    const { token } = await api.objects.serviceAccountToken(pod, request);
    assert.equal(token, 't');
    assert.equal(api.asked.count, 3);
  });

  it('says why it gets no token', async () => {
    for (const [message, count] of [
      [never, 1],
      [early, 6],
    ] as const) {
      await using api = await tokens(Array<string>(9).fill(message));
      const asking = api.objects.serviceAccountToken(pod, request);
      await assert.rejects(asking, { code: 'Forbidden' });
      assert.equal(api.asked.count, count);
    }
  });
});
