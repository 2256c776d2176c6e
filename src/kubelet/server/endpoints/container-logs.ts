import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../kubernetes/clock.ts';
import type { LogOnDisk } from '../../logs/log-files.ts';
import { readLog } from '../../logs/read-log.ts';
import { HttpError } from '../http/http-error.ts';
import type { Route, RoutedRequest } from '../http/router.ts';
import type { KubeletHost, ServedContainer } from '../kubelet-host.ts';
import { ContainerEnds } from './container-ends.ts';
import { findContainer } from './find-container.ts';
import { type LogOptions, parseLogOptions } from './log-options.ts';

/** `GET /containerLogs/{namespace}/{pod}/{container}`: what `kubectl logs` reads. */
export function containerLogs(components: {
  readonly host: KubeletHost;
  readonly clock: Clock;
}): Route {
  const ends = new ContainerEnds();
  return {
    path: '/containerLogs/:namespace/:pod/:container',
    methods: ['GET'],
    handle: async (request, response) => {
      const options = parseLogOptions(request.url.searchParams, components.clock.now());
      const container = findContainer(components.host, request);
      const log = container.log(options);
      if (log === undefined) throw missingLog(request, options, container);
      const { current } = container;
      const isOver = options.previous || current === undefined;
      const ended = isOver ? AbortSignal.abort() : ends.of(current);
      await sendLog(log, options, { ended, signal: request.signal }, response);
    },
  };
}

async function sendLog(
  log: LogOnDisk,
  options: LogOptions,
  signals: { readonly ended: AbortSignal; readonly signal: AbortSignal },
  response: ServerResponse,
): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff'); // it is the guest's text
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.flushHeaders();
  for await (const { bytes } of readLog(log, options, signals)) {
    if (!response.write(bytes)) await once(response, 'drain', { signal: signals.signal });
  }
  response.end();
}

function missingLog(
  { params: { pod, container } }: RoutedRequest,
  { previous }: LogOptions,
  { refusal, waitingReason = 'ContainerCreating' }: ServedContainer,
): HttpError {
  const what = `container "${container}" in pod "${pod}"`;
  if (previous) return new HttpError('BadRequest', `previous terminated ${what} not found`);
  const why =
    refusal === undefined
      ? `is waiting to start: ${inWords(waitingReason)}`
      : `is terminated: ${refusal}`;
  return new HttpError('BadRequest', `${what} ${why}`);
}

/** What stock kubelets say for the most common reasons, and the reason itself for others. */
function inWords(waitingReason: string): string {
  if (waitingReason === 'ErrImagePull') return "image can't be pulled";
  if (waitingReason === 'ImagePullBackOff') return 'trying and failing to pull image';
  return waitingReason;
}
