import * as v from 'valibot';
import { integerBetween, integerFrom, listOf, maybe, portReference } from './scalars.ts';

const execAction = v.object({ command: listOf(v.string()) });

const httpGetAction = v.object({
  path: v.optional(v.string(), '/'),
  port: portReference,
  host: maybe(v.string()),
  scheme: v.optional(v.picklist(['HTTP', 'HTTPS']), 'HTTP'),
  httpHeaders: listOf(v.object({ name: v.string(), value: v.string() })),
  protocol: maybe(v.string()),
});
export type HttpGetAction = v.InferOutput<typeof httpGetAction>;

const tcpSocketAction = v.object({ port: portReference, host: maybe(v.string()) });
export type TcpSocketAction = v.InferOutput<typeof tcpSocketAction>;

const grpcAction = v.object({
  port: integerBetween(1, 65535),
  service: v.optional(v.string(), ''),
  mode: maybe(v.string()),
});
export type GrpcAction = v.InferOutput<typeof grpcAction>;

/** core/v1 Probe: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe */
export const probe = v.object({
  exec: maybe(execAction),
  httpGet: maybe(httpGetAction),
  tcpSocket: maybe(tcpSocketAction),
  grpc: maybe(grpcAction),
  initialDelaySeconds: v.optional(integerFrom(0), 0),
  timeoutSeconds: v.optional(integerFrom(1), 1),
  periodSeconds: v.optional(integerFrom(1), 10),
  successThreshold: v.optional(integerFrom(1), 1),
  failureThreshold: v.optional(integerFrom(1), 3),
  terminationGracePeriodSeconds: maybe(integerFrom(1)),
});
export type Probe = v.InferOutput<typeof probe>;

/** core/v1 LifecycleHandler: what postStart and preStop may be. */
const lifecycleHandler = v.object({
  exec: maybe(execAction),
  httpGet: maybe(httpGetAction),
  tcpSocket: maybe(tcpSocketAction),
  sleep: maybe(v.object({ seconds: integerFrom(0) })),
});
export type LifecycleHandler = v.InferOutput<typeof lifecycleHandler>;

export const lifecycle = v.object({
  postStart: maybe(lifecycleHandler),
  preStop: maybe(lifecycleHandler),
  stopSignal: maybe(v.string()),
});
