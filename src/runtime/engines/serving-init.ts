import type { RequestRecord, RequestServerInit } from '../../wasi/component/http/request-server.ts';
import type { Routes } from '../../wasi/network/routes.ts';
import type { ContainerStdio } from '../container/container-stdio.ts';
import type { HttpServingSpec, HttpSpec } from '../container-spec.ts';
import { describeFailure, describeRequest } from './component/http-log.ts';
import { complain } from './explain-end.ts';
import { giveMemoryBack } from './give-memory-back.ts';

/** How a container serves HTTP by its spec, and what it says of that on standard error. */
export function servingInit(
  { serving, listen }: HttpSpec,
  { stdio, routes }: { readonly stdio: ContainerStdio; readonly routes: Routes | undefined },
): RequestServerInit {
  return {
    ...requestLimits(serving, (lines) => complain(stdio, lines)),
    onQuiet: giveMemoryBack,
    ...(routes?.areGuarded && {
      admits: (address: string) => routes.admits({ protocol: 'TCP', address, port: listen.port }),
    }),
  };
}

/** What a container's requests are held to, and what is said of them. */
export function requestLimits(
  { shareState: _state, threads: _threads, accessLog, ...limits }: HttpServingSpec,
  say: (lines: readonly string[]) => void,
): RequestServerInit {
  return {
    ...limits,
    onFailure: (failure, request) => say(describeFailure(failure, request)),
    ...(accessLog && { onRequest: (it: RequestRecord) => say([describeRequest(it)]) }),
  };
}
