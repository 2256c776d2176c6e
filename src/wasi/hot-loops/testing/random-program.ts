/**
 * Two functions of nested blocks and loops that branch anywhere, with values too, and write all over a
 * memory; the same for each seed. They end.
 */
export class RandomProgram {
  #state: number;
  #labels = 0;
  /** The function that the one which is written may call. */
  #callee: string | undefined;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Exports `f`, of a number, which answers what it has done, and the `memory`. */
  wat(): string {
    return `(module (memory (export "memory") 9 11) (data (i32.const 4090) "across a border")
      (global $fuel (mut i32) (i32.const 3000)) (global $trace (mut i32) (i32.const 0))
      (func $g ${this.#body(2)})
      (func (export "f") ${this.#body(0)}))`;
  }

  #body(depth: number): string {
    this.#callee = depth === 0 ? '$g' : undefined;
    return `(param $a i32) (result i32) (local $b i32) (local $c i32) (local $d i64) (local $p i32) (local $q i32)
      ${this.#statements(depth, [])}
      (i32.add (global.get $trace) (local.get $a))`;
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
    const kinds = depth < 5 ? 15 : 10;
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
        return this.#access();
      case 6:
        return this.#bulk();
      case 7:
        return `(local.set ${this.#local()} ${this.#call()})`;
      case 8:
        return this.#point();
      case 9:
        return this.#accessNearby();
      case 10:
        return `(if (i32.and ${this.#value()} (i32.const 1))
          (then ${this.#statements(depth + 1, labels)}) (else ${this.#statements(depth + 1, labels)}))`;
      case 11:
        return this.#framed('block', depth, labels, '');
      case 12:
        return this.#valued(depth, labels);
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

  /** A block or a loop with a result, which branches to the block take along. */
  #valued(depth: number, labels: readonly string[]): string {
    const label = `$v${this.#labels++}`;
    const isLoop = this.#below(2) === 0;
    const inside = this.#statements(depth + 1, isLoop ? labels : [...labels, label]);
    const frame = isLoop ? `(loop (result i32) ${this.#burn()}` : `(block ${label} (result i32)`;
    return `(local.set ${this.#local()} ${frame} ${inside} ${this.#value()}))`;
  }

  /** Addresses at the borders of pages as often as anywhere. */
  #address(): string {
    const where = this.#below(2) === 0 ? 0x7f000 : 0x7eff7;
    return `(i32.and ${this.#spread()} (i32.const ${where}))`;
  }

  #point(): string {
    const [pointer, other] = [this.#pointer(), this.#pointer()];
    const by = this.#below(600) - 300;
    const address = [this.#address(), `(i32.add (local.get ${other}) (i32.const ${by}))`];
    return `(local.set ${pointer} ${address[this.#below(2)]})`;
  }

  /** Accesses in a row to what is before and behind an address in a local, as to the fields of a structure. */
  #accessNearby(): string {
    const pointer = this.#pointer();
    const count = 1 + this.#below(4);
    const first = this.#below(4) === 0 ? `(local.tee ${pointer} ${this.#address()})` : undefined;
    const accesses = Array.from({ length: count }, (_, index) => {
      const at = (index === 0 ? first : undefined) ?? `(local.get ${pointer})`;
      const field = `offset=${this.#below(700)} ${at}`;
      switch (this.#below(5)) {
        case 0:
          return `(i64.store ${field} (i64.load offset=${this.#below(700)} (local.get ${this.#pointer()})))`;
        case 1:
          return `(i32.store8 ${field} (local.tee ${this.#pointer()} ${this.#address()}))`;
        case 2:
          return `(i32.store ${field} ${this.#call()})`;
        default:
          return `(i32.store ${field} ${this.#value()})`;
      }
    });
    return accesses.join('\n');
  }

  #access(): string {
    const address = this.#address();
    // Beyond the end, unless it has grown.
    const offset = this.#below(100) === 0 ? 600_000 : ([0, 3, 4093, 4095][this.#below(4)] ?? 0);
    const at = `offset=${offset} ${address}`;
    switch (this.#below(5)) {
      case 0:
        return `(i32.store ${at} ${this.#value()})`;
      case 3:
        return `(i32.store8 ${at} ${this.#value()})`;
      case 1:
        return `(i64.store16 ${at} (i64.extend_i32_u ${this.#value()}))`;
      case 2:
        return `(i64.store ${at} (local.get $d))`;
      default:
        return `(local.set ${this.#local()} (i32.load8_u ${address}))`;
    }
  }

  #bulk(): string {
    const at = () => `(i32.and ${this.#spread()} (i32.const 0x7ffff))`;
    const most = this.#below(2) === 0 ? 0x7ff : 0x3f;
    const length = () => `(i32.and ${this.#value()} (i32.const ${most}))`;
    switch (this.#below(3)) {
      case 0:
        return `(memory.fill ${at()} ${this.#value()} ${length()})`;
      case 1:
        return `(memory.copy ${at()} ${at()} ${length()})`;
      default:
        return `(global.set $trace (i32.add (i32.mul (global.get $trace) (memory.size))
          (memory.grow (i32.eqz (i32.and ${this.#value()} (i32.const 15))))))`;
    }
  }

  /** A value that leaves no page out. */
  #spread(): string {
    return `(i32.mul ${this.#value()} (i32.const 0x9e3779b1))`;
  }

  #call(): string {
    return this.#callee === undefined ? this.#value() : `(call ${this.#callee} ${this.#value()})`;
  }

  /** Each round of a loop takes some fuel; the program ends without. */
  #burn(): string {
    return `(if (i32.eqz (global.get $fuel)) (then (return (global.get $trace))))
      (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
      (local.set $b (i32.add (local.get $b) (i32.const 1)))`;
  }

  #branch(labels: readonly string[]): string {
    if (labels.length === 0) return '(nop)';
    const label = labels[this.#below(labels.length)] ?? '';
    if (label.startsWith('$v')) {
      return `(if (i32.eqz (i32.and ${this.#value()} (i32.const 7))) (then (br ${label} ${this.#value()})))`;
    }
    const plain = labels.filter((other) => !other.startsWith('$v'));
    const target = () => plain[this.#below(plain.length)] ?? '';
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

  #pointer(): string {
    return ['$p', '$q'][this.#below(2)] ?? '$p';
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
