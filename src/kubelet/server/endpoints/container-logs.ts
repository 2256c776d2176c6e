import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../kubernetes/clock.ts';
import { readLog } from '../../logs/read-log.ts';
import { HttpError } from '../http/http-error.ts';
import type { Route, RoutedRequest } from '../http/router.ts';
import type { KubeletHost, ServedContainer } from '../kubelet-host.ts';
import { findContainer } from './find-container.ts';
import { type LogOptions, parseLogOptions } from './log-options.ts';

/** `GET /containerLogs/{namespace}/{pod}/{container}`: what `kubectl logs` reads. */
export function containerLogs(components: {
  readonly host: KubeletHost;
  readonly clock: Clock;
}): Route {
  return {
    path: '/containerLogs/:namespace/:pod/:container',
    methods: ['GET'],
    handle: async (request, response) => {
      const options = parseLogOptions(request.url.searchParams, components.clock.now());
      const container = findContainer(components.host, request);
      const logPath = container.logPath(options);
      if (logPath === undefined) throw missingLog(request, options);
      await sendLog(logPath, container, options, request.signal, response);
    },
  };
}

async function sendLog(
  logPath: string,
  container: ServedContainer,
  options: LogOptions,
  signal: AbortSignal,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff'); // it is the guest's text
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.flushHeaders();
  const ended = options.previous ? AbortSignal.abort() : endOf(container);
  for await (const { bytes } of readLog(logPath, options, { ended, signal })) {
    if (!response.write(bytes)) await once(response, 'drain', { signal });
  }
  response.end();
}

/** Aborted when the container has ended: then a follower reads the rest and is done. */
function endOf(container: ServedContainer): AbortSignal {
  if (container.current === undefined) return AbortSignal.abort();
  const ended = new AbortController();
  void container.current.exited.then(() => ended.abort());
  return ended.signal;
}

function missingLog({ params }: RoutedRequest, { previous }: LogOptions): HttpError {
  const { pod, container } = params;
  return new HttpError(
    'BadRequest',
    previous
      ? `previous terminated container "${container}" in pod "${pod}" not found`
      : `container "${container}" in pod "${pod}" is waiting to start`,
  );
}
