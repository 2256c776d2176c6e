/** A function of nested blocks and loops that branch anywhere, the same for each seed. It ends. */
export class RandomProgram {
  #state: number;
  #labels = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Exports `f`, of a number, which answers what it has done. */
  wat(): string {
    return `(module (global $fuel (mut i32) (i32.const 3000)) (global $trace (mut i32) (i32.const 0))
      (func (export "f") (param $a i32) (result i32)
        (local $b i32) (local $c i32) (local $d i64)
        ${this.#statements(0, [])}
        (i32.add (global.get $trace) (local.get $a))))`;
  }

  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    return (this.#state >>> 16) % limit;
  }

  #statements(depth: number, labels: readonly string[]): string {
    const count = 1 + this.#below(4);
    return Array.from({ length: count }, () => this.#statement(depth, labels)).join('\n');
  }

  #statement(depth: number, labels: readonly string[]): string {
    const kinds = depth < 5 ? 9 : 5;
    switch (this.#below(kinds)) {
      case 0:
        return `(local.set ${this.#local()} ${this.#value()})`;
      case 1:
        return `(local.set $d (i64.add (local.get $d) (i64.extend_i32_u ${this.#value()})))
          (global.set $trace (i32.add (global.get $trace) (i32.wrap_i64 (local.get $d))))`;
      case 2:
        return `(global.set $trace (i32.add (i32.mul (global.get $trace) (i32.const 31)) ${this.#value()}))`;
      case 3:
        return this.#branch(labels);
      case 4:
        return `(if (i32.eqz (i32.and ${this.#value()} (i32.const 63))) (then (return ${this.#value()})))`;
      case 5:
        return `(if (i32.and ${this.#value()} (i32.const 1))
          (then ${this.#statements(depth + 1, labels)}) (else ${this.#statements(depth + 1, labels)}))`;
      case 6:
        return this.#framed('block', depth, labels, '');
      default:
        return this.#framed('loop', depth, labels, this.#burn());
    }
  }

  #framed(kind: string, depth: number, labels: readonly string[], head: string): string {
    const label = `$l${this.#labels++}`;
    const inside = this.#statements(depth + 1, [...labels, label]);
    const again =
      kind === 'loop' ? `(br_if ${label} (i32.and ${this.#value()} (i32.const 7)))` : '';
    return `(${kind} ${label} ${head} ${inside} ${again})`;
  }

  /** Each round of a loop takes some fuel; the program ends without. */
  #burn(): string {
    return `(if (i32.eqz (global.get $fuel)) (then (return (global.get $trace))))
      (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
      (local.set $b (i32.add (local.get $b) (i32.const 1)))`;
  }

  #branch(labels: readonly string[]): string {
    const target = () => labels[this.#below(labels.length)] ?? '';
    if (labels.length === 0) return '(nop)';
    switch (this.#below(3)) {
      case 0:
        return `(br_if ${target()} (i32.eqz (i32.and ${this.#value()} (i32.const 15))))`;
      case 1:
        return `(if (i32.eqz (i32.and ${this.#value()} (i32.const 7))) (then
          (br_table ${target()} ${target()} ${target()} (i32.and ${this.#value()} (i32.const 3)))))`;
      default:
        return `(if (i32.eqz (i32.and ${this.#value()} (i32.const 15))) (then (br ${target()})))`;
    }
  }

  #local(): string {
    return ['$a', '$b', '$c'][this.#below(3)] ?? '$a';
  }

  #value(): string {
    const [left, right] = [this.#local(), this.#local()];
    const operation = ['add', 'xor', 'sub', 'mul'][this.#below(4)] ?? 'add';
    return `(i32.${operation} (local.get ${left}) (i32.add (local.get ${right}) (i32.const ${this.#below(100)})))`;
  }
}
