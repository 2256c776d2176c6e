import { dirtyPageBits } from '../mark-page.ts';
import { pageMargin } from '../page-marks.ts';

const pageSize = 1 << dirtyPageBits;

/**
 * A function that writes ones all over a memory of zeroes, by the offsets of two pointers that it changes now and
 * then: in blocks that are left early, in loops, in one branch or the other; the same for each seed. It neither traps
 * nor runs for long.
 */
export class StoringProgram {
  #state: number;
  #labels = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Exports `f`, of a number, and the `memory`. */
  wat(): string {
    return `(module (memory (export "memory") 33)
      (func $touch (param $p i32) (result i32) (i32.store8 (local.get $p) (i32.const 255)) (i32.const -1))
      (func (export "f") (param $n i32) (local $p i32) (local $q i32) (local $fuel i32)
        (local.set $fuel (i32.const 200)) ${this.#statements(0, [])}))`;
  }

  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    return (this.#state >>> 16) % limit;
  }

  #statements(depth: number, labels: readonly string[]): string {
    const count = 2 + this.#below(4);
    return Array.from({ length: count }, () => this.#statement(depth, labels)).join('\n');
  }

  #statement(depth: number, labels: readonly string[]): string {
    const inner = () => this.#statements(depth + 1, labels);
    switch (this.#below(depth < 4 ? 12 : 9)) {
      case 0:
        return `(local.set ${this.#pointer()} ${this.#address()})`;
      case 1:
        return this.#branch(labels);
      case 2:
        return this.#store(`(local.tee ${this.#pointer()} ${this.#address()})`);
      case 3:
        return `(i32.store offset=${this.#offset()} (local.get $p) (call $touch (local.get $q)))`;
      case 4: // the address is the pointer as it was
        return `(i32.store offset=${this.#offset()} (local.get $p) (local.tee $p ${this.#address()}))`;
      case 9:
        return `(if ${this.#condition()} (then ${inner()}) (else ${inner()}))`;
      case 10:
        return this.#framed('block', depth, labels);
      case 11:
        return this.#framed('loop', depth, labels);
      default:
        return this.#store(`(local.get ${this.#pointer()})`);
    }
  }

  #store(address: string): string {
    const at = `offset=${this.#offset()} ${address}`;
    return [
      `(i32.store8 ${at} (i32.const -1))`,
      `(i32.store ${at} (i32.const -1))`,
      `(i64.store16 ${at} (i64.const -1))`,
      `(i64.store ${at} (i64.const -1))`,
      `(f64.store ${at} (f64.const -nan:0xfffffffffffff))`,
      `(v128.store ${at} (v128.const i64x2 -1 -1))`,
    ][this.#below(6)] as string;
  }

  #framed(kind: 'block' | 'loop', depth: number, labels: readonly string[]): string {
    const label = `$${kind}${this.#labels++}`;
    return `(${kind} ${label} ${this.#statements(depth + 1, [...labels, label])}
      ${kind === 'loop' ? this.#jump(label) : ''})`;
  }

  #branch(labels: readonly string[]): string {
    const label = labels[this.#below(labels.length + 1)];
    return label === undefined ? '(nop)' : this.#jump(label);
  }

  #jump(label: string): string {
    return `(local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
      (br_if ${label} (i32.and (i32.gt_s (local.get $fuel) (i32.const 0)) ${this.#condition()}))`;
  }

  /** Another one each time. */
  #condition(): string {
    return `(i32.and (local.tee $n (i32.add (i32.mul (local.get $n) (i32.const 5)) (i32.const 3))) (i32.const 4))`;
  }

  /** At the borders of pages, or not far from another. */
  #address(): string {
    const near = this.#below(8) - 4;
    const there = `(i32.add (local.get ${this.#pointer()}) (i32.const ${[260, 3000, 4096, 5000][this.#below(4)]}))`;
    const border = `(i32.add (i32.and ${this.#scattered()} (i32.const 0x1fe000)) (i32.const ${pageSize + near}))`;
    return `(i32.and ${[there, border][this.#below(2)]} (i32.const 0x1fffff))`;
  }

  #scattered(): string {
    return '(i32.mul (local.get $n) (i32.const 0x9e3779b1))';
  }

  #offset(): number {
    const near = this.#below(24) - 12;
    return (
      ([0, 8, pageMargin, 2 * pageMargin, pageSize][this.#below(5)] as number) + Math.max(0, near)
    );
  }

  #pointer(): string {
    return ['$p', '$q'][this.#below(2)] as string;
  }
}
