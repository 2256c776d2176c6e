import * as v from 'valibot';
import { integerFrom, listOf, maybe } from './scalars.ts';

const seLinuxOptions = v.object({
  user: maybe(v.string()),
  role: maybe(v.string()),
  type: maybe(v.string()),
  level: maybe(v.string()),
});

const windowsOptions = v.object({
  gmsaCredentialSpecName: maybe(v.string()),
  gmsaCredentialSpec: maybe(v.string()),
  runAsUserName: maybe(v.string()),
  hostProcess: maybe(v.boolean()),
});

const profile = v.object({
  type: v.picklist(['RuntimeDefault', 'Unconfined', 'Localhost']),
  localhostProfile: maybe(v.string()),
});

/** core/v1 SecurityContext of a container. */
export const securityContext = v.object({
  capabilities: maybe(v.object({ add: listOf(v.string()), drop: listOf(v.string()) })),
  privileged: maybe(v.boolean()),
  seLinuxOptions: maybe(seLinuxOptions),
  windowsOptions: maybe(windowsOptions),
  runAsUser: maybe(integerFrom(0)),
  runAsGroup: maybe(integerFrom(0)),
  runAsNonRoot: maybe(v.boolean()),
  readOnlyRootFilesystem: maybe(v.boolean()),
  allowPrivilegeEscalation: maybe(v.boolean()),
  procMount: maybe(v.string()),
  seccompProfile: maybe(profile),
  appArmorProfile: maybe(profile),
});

/** core/v1 PodSecurityContext. */
export const podSecurityContext = v.object({
  seLinuxOptions: maybe(seLinuxOptions),
  windowsOptions: maybe(windowsOptions),
  runAsUser: maybe(integerFrom(0)),
  runAsGroup: maybe(integerFrom(0)),
  runAsNonRoot: maybe(v.boolean()),
  supplementalGroups: listOf(integerFrom(0)),
  supplementalGroupsPolicy: maybe(v.string()),
  fsGroup: maybe(integerFrom(0)),
  sysctls: listOf(v.object({ name: v.string(), value: v.string() })),
  fsGroupChangePolicy: maybe(v.string()),
  seccompProfile: maybe(profile),
  appArmorProfile: maybe(profile),
  seLinuxChangePolicy: maybe(v.string()),
});
