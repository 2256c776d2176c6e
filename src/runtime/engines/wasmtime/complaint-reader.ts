import { type ExitNote, exitNoteOf } from '../../container/exit-note.ts';

const maxBytes = 16 * 1024;

/** How wasmtime begins, after a newline, when it says why it ends. */
const beginning =
  /^Error: (failed to (run main module `\/proc\/self\/fd|parse|compile)|.*WebAssembly)/m;
const trap = /^ +(?:\d+: )?wasm trap: (.+)$/m;
const exitOutOfRange = /exit with invalid exit status/;
const guestHasRun = /failed to invoke/;

/** Reads in the last of a program's standard error how wasmtime ended, which no exit code tells. */
export class ComplaintReader {
  #last = Buffer.alloc(0);

  write(bytes: Uint8Array): void {
    this.#last = Buffer.concat([this.#last, bytes]).subarray(-maxBytes);
  }

  /** What is to be noted; `undefined` where wasmtime has nothing to complain of. */
  read(): ExitNote | undefined {
    const text = this.#last.toString('utf8');
    const start = text.search(beginning);
    return start < 0 ? undefined : noteOf(text.slice(start));
  }
}

function noteOf(complaint: string): ExitNote {
  const trapped = trap.exec(complaint)?.[1];
  if (trapped !== undefined) {
    return exitNoteOf({
      kind: 'trapped',
      message: `Guest trapped: ${trapped}`,
      outOfMemory: false,
    });
  }
  const message = innermostCause(complaint);
  if (exitOutOfRange.test(complaint)) {
    return { exitCode: 1, message: `${message}: wasmtime passes on no other exit codes` };
  }
  if (guestHasRun.test(complaint)) return { exitCode: 1, message };
  return exitNoteOf({ kind: 'cannot-run', message: `Cannot run the module: ${message}` });
}

/** The last of the numbered causes, or the complaint's own line. */
function innermostCause(complaint: string): string {
  const causes = [...complaint.matchAll(/^ +(?:\d+: )?(.+)$/gm)].map(([, cause]) => cause);
  return causes.at(-1) ?? complaint.split('\n', 1)[0]?.replace(/^Error: /, '') ?? complaint;
}
