/** Reads one kind of value, whether it was typed, comes from the environment or from a file. */
export interface ValueReader<Value> {
  /** What is allowed, as the end of "give …". */
  readonly wanted: string;
  /** The value; `undefined` where `raw` is none. */
  read(raw: unknown): Value | undefined;
}

/** A setting of the node, and all the places where it may be given. */
export interface Setting<Value> {
  /** Long flag, without dashes. */
  readonly flag?: string;
  /** One letter, without the dash. */
  readonly short?: string;
  readonly env?: string;
  /** Keys in `config.json`, the proper one first. */
  readonly file?: readonly string[];
  /** Path in a `KubeletConfiguration`, its keys joined by dots. */
  readonly kubelet?: string;
  readonly help: string;
  readonly value: ValueReader<Value>;
}

/** The type of a setting's value. */
export type SettingValue<AnySetting> = AnySetting extends Setting<infer Value> ? Value : never;
