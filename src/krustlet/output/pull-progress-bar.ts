import type { PullProgress } from '../../oci/pull/pull-progress.ts';
import type { Host } from '../cli/host.ts';
import { formatBytes } from './format-bytes.ts';

const width = 24;
const redrawMs = 100;
const clearLine = '\r\x1b[K';

/** Shows on a terminal how far a pull is, in one line that is gone afterwards. */
export class PullProgressBar implements Disposable {
  readonly #host: Host;
  readonly #silent: boolean;
  readonly #received = new Map<string, number>();
  #total = 0;
  #startedAt = 0;
  #drawnAt = 0;

  constructor(host: Host, quiet: boolean) {
    this.#host = host;
    this.#silent = quiet || !host.stderr.isTTY;
  }

  show(event: PullProgress): void {
    if (event.kind === 'resolved') {
      this.#total = event.totalBytes;
      this.#startedAt = this.#host.now().getTime();
    } else if (event.kind === 'blob') {
      this.#received.set(event.digest, event.receivedBytes);
      this.#drawBytes();
    } else {
      this.#draw(stepOf(event));
    }
  }

  [Symbol.dispose](): void {
    this.#draw('');
  }

  #drawBytes(): void {
    const now = this.#host.now().getTime();
    if (now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    const received = [...this.#received.values()].reduce((sum, bytes) => sum + bytes, 0);
    const share = this.#total === 0 ? 1 : Math.min(1, received / this.#total);
    const filled = Math.round(share * width);
    const bar = `${'#'.repeat(filled)}${'.'.repeat(width - filled)}`;
    const rate = received / Math.max(1e-3, (now - this.#startedAt) / 1000);
    this.#draw(
      `[${bar}] ${formatBytes(received)} of ${formatBytes(this.#total)}, ${formatBytes(rate)}/s`,
    );
  }

  #draw(line: string): void {
    if (!this.#silent) this.#host.stderr.write(`${clearLine}${line}`);
  }
}

function stepOf(event: Exclude<PullProgress, { kind: 'resolved' | 'blob' }>): string {
  switch (event.kind) {
    case 'resolving':
      return `Asking for ${event.reference}`;
    case 'unpacking':
      return 'Unpacking';
    case 'validating':
      return 'Validating';
    case 'done':
      return '';
    default:
      return event satisfies never;
  }
}
