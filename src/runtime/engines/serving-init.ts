import type { RequestRecord, RequestServerInit } from '../../wasi/component/http/request-server.ts';
import type { Routes } from '../../wasi/network/routes.ts';
import type { ContainerStdio } from '../container/container-stdio.ts';
import type { HttpSpec } from '../container-spec.ts';
import { describeFailure, describeRequest } from './component/http-log.ts';
import { complain } from './explain-end.ts';
import { giveMemoryBack } from './give-memory-back.ts';

/** How a container serves HTTP by its spec, and what it says of that on standard error. */
export function servingInit(
  { serving, listen }: HttpSpec,
  { stdio, routes }: { readonly stdio: ContainerStdio; readonly routes: Routes | undefined },
): RequestServerInit {
  const { shareState: _state, threads: _threads, accessLog, ...limits } = serving;
  return {
    ...limits,
    onQuiet: giveMemoryBack,
    ...(routes?.areGuarded && {
      admits: (address: string) => routes.admits({ protocol: 'TCP', address, port: listen.port }),
    }),
    onFailure: (failure: unknown) => complain(stdio, describeFailure(failure)),
    ...(accessLog && { onRequest: (it: RequestRecord) => complain(stdio, [describeRequest(it)]) }),
  };
}
