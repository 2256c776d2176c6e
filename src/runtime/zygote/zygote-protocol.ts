import * as v from 'valibot';
import { startReportSchema } from '../container/start-report.ts';
import { forkVerdictSchema } from './fork-verdict.ts';

/**
 * What a zygote is asked over its socket: one JSON object in a line each way. A start that is `held`
 * is made but for the guest's first instruction, which waits for another line, {@link releaseLine};
 * where the caller hangs up before, it never comes. The container's spec stays in its file, which the forked child reads: a zygote never holds what its containers must
 * not see of each other.
 */
export const zygoteRequestSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('start'),
    form: v.picklist(['fork', 'exec']),
    /** Whether the guest runs on the event loop, as one that serves or sends HTTP does. */
    eventLoop: v.boolean(),
    /** Absolute path of the container's directory. */
    directory: v.string(),
    cgroups: v.array(v.string()),
    held: v.exactOptional(v.boolean(), false),
  }),
  v.strictObject({ kind: v.literal('status') }),
]);
export type ZygoteRequest = v.InferOutput<typeof zygoteRequestSchema>;

/** Lets a guest begin that was held. */
export const releaseLine = 'go';
/** Gives up a start that was held; it is answered when its process has ended. */
export const giveUpLine = 'no';
export type StartRequest = Extract<ZygoteRequest, { kind: 'start' }>;

const startedSchema = v.strictObject({
  ...startReportSchema.options[0].entries,
  form: v.picklist(['fork', 'exec']),
});

/** What a zygote knows of itself. */
const statusSchema = v.strictObject({
  kind: v.literal('status'),
  ...forkVerdictSchema.entries,
  pid: v.number(),
  containers: v.number(),
  forks: v.number(),
  residentBytes: v.number(),
});
export type ZygoteStatus = v.InferOutput<typeof statusSchema>;

export const zygoteReplySchema = v.variant('kind', [
  startedSchema,
  startReportSchema.options[1],
  statusSchema,
]);
export type ZygoteReply = v.InferOutput<typeof zygoteReplySchema>;
export type StartReply = Exclude<ZygoteReply, ZygoteStatus>;
