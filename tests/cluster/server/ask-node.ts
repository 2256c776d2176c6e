import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { testCluster } from '../test-cluster.ts';
import { eventually } from './eventually.ts';
import type { NodeProcess } from './node-process.ts';

/** A request to the node itself, past the API server. */
export interface NodeRequest {
  readonly path: string;
  /** @default 'GET' */
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface NodeAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Empty where the connection was upgraded. */
  readonly body: string;
}

/** Asks the node, whose certificate has to be one of the cluster's authority. */
export async function askNode(node: NodeProcess, ask: NodeRequest): Promise<NodeAnswer> {
  const { path, method = 'GET', token, headers = {} } = ask;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const request = https.request({
    host: node.address,
    port: node.port,
    ca: testCluster().admin.certificateAuthority,
    agent: false,
    path,
    method,
    headers: { ...headers, ...authorization },
  });
  request.end();
  const upgraded = once(request, 'upgrade').then(([response, socket]) => {
    (socket as Duplex).destroy();
    return answer(response, '');
  });
  const answered = once(request, 'response').then(async ([response]) =>
    answer(response, await text(response)),
  );
  return await Promise.race([upgraded, answered]);
}

/** Waits until the node serves with a certificate of the cluster. */
export async function servesWithClusterCertificate(node: NodeProcess): Promise<void> {
  let last: unknown;
  await eventually(
    async () => {
      try {
        await askNode(node, { path: '/healthz' });
        return true;
      } catch (error) {
        last = error;
        return false;
      }
    },
    () => `${last}\n${node.log}`,
  );
}

function answer({ statusCode = 0, headers }: IncomingMessage, body: string): NodeAnswer {
  return { status: statusCode, contentType: headers['content-type'] ?? '', body };
}
