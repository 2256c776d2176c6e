import * as v from 'valibot';
import { objectMeta } from './metadata.ts';
import { podSpec } from './pod-spec.ts';
import { podStatus } from './pod-status.ts';

/** core/v1 Pod. */
export const podSchema = v.object({
  apiVersion: v.optional(v.literal('v1'), 'v1'),
  kind: v.optional(v.literal('Pod'), 'Pod'),
  metadata: objectMeta,
  spec: podSpec,
  status: v.optional(podStatus, {}),
});

/** All of a pod but its spec. */
export const podFrameSchema = v.omit(podSchema, ['spec']);

/** A pod with the API server's defaults filled in. */
export type Pod = v.InferOutput<typeof podSchema>;
