import * as v from 'valibot';
import { flag, listOf, maybe, quantity } from './scalars.ts';

const objectFieldSelector = v.object({
  apiVersion: v.optional(v.string(), 'v1'),
  fieldPath: v.string(),
});

const resourceFieldSelector = v.object({
  containerName: maybe(v.string()),
  resource: v.string(),
  divisor: v.optional(quantity, '0'),
});
export type ResourceFieldSelector = v.InferOutput<typeof resourceFieldSelector>;

const keySelector = v.object({
  name: v.optional(v.string(), ''),
  key: v.string(),
  optional: flag,
});

const fileKeySelector = v.object({
  volumeName: v.string(),
  path: v.string(),
  key: v.string(),
  optional: flag,
});

const envVarSource = v.object({
  fieldRef: maybe(objectFieldSelector),
  resourceFieldRef: maybe(resourceFieldSelector),
  configMapKeyRef: maybe(keySelector),
  secretKeyRef: maybe(keySelector),
  fileKeyRef: maybe(fileKeySelector),
});
export type EnvVarSource = v.InferOutput<typeof envVarSource>;

/** core/v1 EnvVar. */
const envVar = v.object({
  name: v.pipe(v.string(), v.nonEmpty('must not be empty')),
  value: maybe(v.string()),
  valueFrom: maybe(envVarSource),
});
export type EnvVar = v.InferOutput<typeof envVar>;

const envSource = v.object({ name: v.optional(v.string(), ''), optional: flag });

/** core/v1 EnvFromSource. */
const envFromSource = v.object({
  prefix: v.optional(v.string(), ''),
  configMapRef: maybe(envSource),
  secretRef: maybe(envSource),
});
export type EnvFromSource = v.InferOutput<typeof envFromSource>;

/** core/v1 DownwardAPIVolumeFile, which selects fields as variables do. */
export const fieldSelectors = {
  fieldRef: maybe(objectFieldSelector),
  resourceFieldRef: maybe(resourceFieldSelector),
};

export const environment = { env: listOf(envVar), envFrom: listOf(envFromSource) };
