import { closeSync, writeSync } from 'node:fs';
import { inspect } from 'node:util';
import * as v from 'valibot';
import { sandboxParts, startErrorCodes } from '../container-starter.ts';
import { SandboxError } from '../sandbox/sandbox-error.ts';

/**
 * The one line that a container process writes to the pipe it was given: that the guest starts
 * now, or why it does not.
 */
export const startReportSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('started'),
    pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
    startTime: v.pipe(v.string(), v.digits()),
    missing: v.array(v.picklist(sandboxParts)),
  }),
  v.strictObject({
    kind: v.literal('failed'),
    code: v.picklist(startErrorCodes),
    message: v.string(),
  }),
]);
export type StartReport = v.InferOutput<typeof startReportSchema>;

/** Writes the report and closes the pipe. */
export function sendStartReport(pipe: number, report: StartReport): void {
  writeSync(pipe, `${JSON.stringify(report)}\n`);
  closeSync(pipe);
}

/** Exit code of a container process that could not become one. */
export const cannotRunExitCode = 125;

/** Reports why the process cannot become the container. */
export function reportFailure(pipe: number, error: unknown): void {
  const unavailable = error instanceof SandboxError && error.unavailable;
  const code = unavailable ? 'SandboxUnavailable' : 'PreparationFailed';
  sendStartReport(pipe, { kind: 'failed', code, message: messageOf(error) });
}

/** What went wrong, and why that did. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
