import type { Origin } from './operand-origins.ts';

/** Bytes before and behind a marked page that may have been written to as well. */
export const pageMargin = 256;

const opcode = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  end: 0x0b,
  delegate: 0x18,
  catchAll: 0x19,
  tryTable: 0x1f,
} as const;

/** The page at an address is marked: that of a local as it was then, and an offset. */
interface Mark {
  readonly origin: Origin;
  readonly offset: number;
  /** In the order of marks. */
  readonly number: number;
}

interface Frame {
  /** How many marks there were when it began. */
  readonly marks: number;
  /** The first mark that counts in it. */
  readonly first: number;
}

/**
 * The marks that have been set whichever way an instruction was reached, by the locals that addresses begin with: those
 * of the text before it, but for blocks that have ended. In a loop those do not count that were set before: when it
 * comes round, the locals may be others.
 */
export class PageMarks {
  readonly #byLocal = new Map<number, Mark>();
  /** Marks, each with the one that it took the place of. */
  readonly #made: { readonly mark: Mark; readonly before: Mark | undefined }[] = [];
  readonly #frames: Frame[] = [];
  #count = 0;
  #first = 0;

  /** Passes over an instruction. */
  pass(instruction: number): void {
    switch (instruction) {
      case opcode.block:
      case opcode.if:
      case opcode.try:
      case opcode.tryTable:
        this.#open();
        return;
      case opcode.loop:
        this.#open();
        this.#first = this.#count;
        return;
      case opcode.else:
      case opcode.catch:
      case opcode.catchAll:
        this.#forget(this.#frames.at(-1));
        return;
      case opcode.end:
      case opcode.delegate:
        this.#close();
        return;
      default:
    }
  }

  /** Whether so many bytes at an address are in a page that is marked, or in its margins. */
  cover({ local, version }: Origin, offset: number, size: number): boolean {
    const mark = this.#byLocal.get(local);
    if (mark === undefined || mark.number < this.#first || mark.origin.version !== version) {
      return false;
    }
    return offset >= mark.offset - pageMargin && offset + size <= mark.offset + pageMargin;
  }

  /** To be called where the page of an address is being marked. */
  add(origin: Origin, offset: number): void {
    const mark = { origin, offset, number: this.#count++ };
    this.#made.push({ mark, before: this.#byLocal.get(origin.local) });
    this.#byLocal.set(origin.local, mark);
  }

  #open(): void {
    this.#frames.push({ marks: this.#made.length, first: this.#first });
  }

  #close(): void {
    const frame = this.#frames.pop();
    this.#forget(frame);
    this.#first = frame?.first ?? 0;
  }

  /** What was marked in a block that may have been left before. */
  #forget(frame: Frame | undefined): void {
    const kept = frame?.marks ?? 0;
    while (this.#made.length > kept) {
      const made = this.#made.pop();
      if (made === undefined) return;
      const { local } = made.mark.origin;
      if (made.before === undefined) this.#byLocal.delete(local);
      else this.#byLocal.set(local, made.before);
    }
  }
}
