import { closeSync, readFileSync, writeSync } from 'node:fs';
import * as v from 'valibot';
import { openPipe } from '../../wasi/libc/pipe.ts';
import { duplicateTo } from '../../wasi/libc/process.ts';
import { must } from '../sandbox/sandbox-error.ts';

const standardInput = 0;
/** The descriptor that takes the start report: of the three that execve leaves open, the free one. */
export const reportDescriptor = 1;

const handoverSchema = v.strictObject({
  directory: v.string(),
  identity: v.strictObject({ pid: v.number(), startTime: v.string() }),
});
type Handover = v.InferOutput<typeof handoverSchema>;

/** Puts what the next program must know on its standard input: small enough for a pipe to hold. */
export function sendHandover(handover: Handover): void {
  const pipe = openPipe();
  if (typeof pipe === 'number') throw new Error(`Cannot make a pipe: errno ${-pipe}`);
  writeSync(pipe.write, JSON.stringify(handover));
  must('hand over', duplicateTo(pipe.read, standardInput));
  closeSync(pipe.write);
  closeSync(pipe.read);
}

/** Takes over from the launcher, in the program that it executed. */
export function receiveHandover(): Handover {
  return v.parse(handoverSchema, JSON.parse(readFileSync(standardInput, 'utf8')));
}
