import type { ServerResponse } from 'node:http';
import type { Route } from '../http/router.ts';
import type { KubeletHost } from '../kubelet-host.ts';

/** `/pods`, `/runningpods/` and `/configz`: what the kubelet knows, as JSON. */
export function pods(host: KubeletHost): Route[] {
  return [
    json('/pods', () => podList(host.pods())),
    json('/runningpods', () => podList(host.runningPods())),
    json('/configz', () => ({ kubeletconfig: host.configuration() })),
  ];
}

function json(path: string, answer: () => object): Route {
  const handle = (_request: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer()));
  };
  return { path, methods: ['GET'], handle };
}

function podList(items: readonly object[]): object {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}
