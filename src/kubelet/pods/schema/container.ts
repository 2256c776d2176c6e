import * as v from 'valibot';
import { environment } from './environment.ts';
import { lifecycle, probe } from './handlers.ts';
import { flag, integerBetween, listOf, maybe, resourceList } from './scalars.ts';
import { securityContext } from './security.ts';

/** core/v1 ResourceRequirements. */
export const resourceRequirements = v.object({
  limits: v.optional(resourceList, {}),
  requests: v.optional(resourceList, {}),
  claims: listOf(v.object({ name: v.string(), request: maybe(v.string()) })),
});

const containerPort = v.object({
  name: v.optional(v.string(), ''),
  hostPort: maybe(integerBetween(0, 65535)),
  containerPort: integerBetween(1, 65535),
  protocol: v.optional(v.picklist(['TCP', 'UDP', 'SCTP']), 'TCP'),
  hostIP: maybe(v.string()),
});

const volumeMount = v.object({
  name: v.string(),
  readOnly: flag,
  recursiveReadOnly: maybe(v.picklist(['Disabled', 'IfPossible', 'Enabled'])),
  mountPath: v.pipe(v.string(), v.nonEmpty('must not be empty')),
  subPath: v.optional(v.string(), ''),
  subPathExpr: v.optional(v.string(), ''),
  mountPropagation: maybe(v.string()),
  bindMountOptions: listOf(v.string()),
});
export type VolumeMount = v.InferOutput<typeof volumeMount>;

const restartRule = v.object({
  action: v.optional(v.picklist(['Restart', 'RestartAllContainers']), 'Restart'),
  exitCodes: maybe(
    v.object({ operator: v.picklist(['In', 'NotIn']), values: listOf(integerBetween(0, 255)) }),
  ),
});

/** core/v1 Container: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container */
export const container = v.object({
  name: v.string(),
  image: v.optional(v.string(), ''),
  command: listOf(v.string()),
  args: listOf(v.string()),
  workingDir: maybe(v.string()),
  ports: listOf(containerPort),
  ...environment,
  resources: v.optional(resourceRequirements, {}),
  resizePolicy: listOf(v.object({ resourceName: v.string(), restartPolicy: v.string() })),
  restartPolicy: maybe(v.picklist(['Always', 'OnFailure', 'Never'])),
  restartPolicyRules: listOf(restartRule),
  volumeMounts: listOf(volumeMount),
  volumeDevices: listOf(v.object({ name: v.string(), devicePath: v.string() })),
  livenessProbe: maybe(probe),
  readinessProbe: maybe(probe),
  startupProbe: maybe(probe),
  lifecycle: maybe(lifecycle),
  terminationMessagePath: v.optional(v.string(), '/dev/termination-log'),
  terminationMessagePolicy: v.optional(v.picklist(['File', 'FallbackToLogsOnError']), 'File'),
  imagePullPolicy: maybe(v.picklist(['Always', 'IfNotPresent', 'Never'])),
  securityContext: v.optional(securityContext, {}),
  stdin: flag,
  stdinOnce: flag,
  tty: flag,
});
export type PodContainer = v.InferOutput<typeof container>;

/** core/v1 EphemeralContainer, known so that it can be refused by name. */
export const ephemeralContainer = v.object({
  ...container.entries,
  targetContainerName: maybe(v.string()),
});
