import { messageOf } from '../../../kubernetes/message-of.ts';
import type { Handler, Route } from '../http/router.ts';
import type { KubeletHost } from '../kubelet-host.ts';

/** `/healthz` and its checks, in the words of stock kubelets. */
export function health(host: KubeletHost): Route[] {
  const ok: Handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
  };
  const syncLoop: Handler = (request, response) => {
    try {
      host.checkSyncLoop();
    } catch (error) {
      const detail = messageOf(error);
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`syncloop: ${detail}\n`);
      return;
    }
    return ok(request, response);
  };
  const get = (path: string, handle: Handler): Route => ({ path, methods: ['GET'], handle });
  return [
    get('/healthz', syncLoop),
    get('/healthz/ping', ok),
    get('/healthz/log', ok),
    get('/healthz/syncloop', syncLoop),
  ];
}
