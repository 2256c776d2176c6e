/**
 * A guest's linear memory, as the host sees it. The views are renewed when the memory has grown,
 * which detaches them; {@link covers} is where that is noticed, so a host function asks it for
 * every range before it touches {@link bytes} or {@link view}.
 *
 * A pointer or length is a number from 0 to 2³² − 1: what WebAssembly hands over is signed, so
 * each is taken with `>>> 0` at the border.
 */
export class GuestMemory {
  /** The whole memory; detached, and so empty, after the guest has grown it. */
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Another object after every growth: compare it to know whether what was derived still holds. */
  buffer: ArrayBuffer = new ArrayBuffer(0);
  #memory: WebAssembly.Memory | undefined;

  /** Takes the memory that the guest exports; before that, and without one, it covers nothing. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
    this.#renew();
  }

  /** Whether `length` bytes from `pointer` lie in memory. Renews the views where they are stale. */
  covers(pointer: number, length: number): boolean {
    return pointer + length < this.bytes.length || this.#coversRenewed(pointer, length);
  }

  #coversRenewed(pointer: number, length: number): boolean {
    this.#renew();
    return pointer + length <= this.bytes.length;
  }

  #renew(): void {
    if (this.#memory === undefined || this.#memory.buffer === this.buffer) return;
    this.buffer = this.#memory.buffer;
    this.bytes = Buffer.from(this.buffer);
    this.view = new DataView(this.buffer);
  }
}
