import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';
import { systemCallNumbers } from './syscall-numbers.ts';

/* https://docs.kernel.org/userspace-api/landlock.html. No wrappers in libc: raw numbers. */

/** Access rights to files, in the kernel's order of bits. */
export const fileAccess = {
  execute: 1n << 0n,
  writeFile: 1n << 1n,
  readFile: 1n << 2n,
  readDirectory: 1n << 3n,
  removeDirectory: 1n << 4n,
  removeFile: 1n << 5n,
  makeCharacterDevice: 1n << 6n,
  makeDirectory: 1n << 7n,
  makeRegularFile: 1n << 8n,
  makeSocket: 1n << 9n,
  makeFifo: 1n << 10n,
  makeBlockDevice: 1n << 11n,
  makeSymbolicLink: 1n << 12n,
  /** Link or rename between directories. Since ABI 2. */
  refer: 1n << 13n,
  /** Since ABI 3. */
  truncate: 1n << 14n,
  /** ioctl on devices. Since ABI 5. */
  ioctlDevice: 1n << 15n,
} as const;

/** Since ABI 4. */
export const networkAccess = { bindTcp: 1n, connectTcp: 2n } as const;

/** Since ABI 6. */
export const scopes = { abstractUnixSockets: 1n, signals: 2n } as const;

/** What a ruleset restricts: everything handled and not allowed by a rule is refused. */
export interface RulesetAttributes {
  readonly fileAccess: bigint;
  readonly networkAccess: bigint;
  readonly scopes: bigint;
}

const createRulesetVersion = 1n;
const rulePathBeneath = 1n;
const ruleNetPort = 2n;
const attributesBytes = 24n;

/** Version of the kernel's Landlock interface, or a negated errno where there is none. */
export function landlockAbi(): number {
  return call(systemCallNumbers.landlock_create_ruleset, 0n, 0n, createRulesetVersion);
}

/** Makes a ruleset: a descriptor, or a negated errno. */
export function createRuleset(attributes: RulesetAttributes): number {
  const [pointer] = place(
    new Uint8Array(
      BigUint64Array.of(attributes.fileAccess, attributes.networkAccess, attributes.scopes).buffer,
    ),
  );
  return call(systemCallNumbers.landlock_create_ruleset, pointer, attributesBytes, 0n);
}

/**
 * Allows `access` to what `fd` is and, where it is a directory, to everything beneath it. A file
 * takes only rights that files have, else the kernel answers -EINVAL.
 */
export function allowBeneath(ruleset: number, fd: number, access: bigint): number {
  const attribute = new DataView(new ArrayBuffer(12)); // packed: u64, s32
  attribute.setBigUint64(0, access, true);
  attribute.setInt32(8, fd, true);
  return addRule(ruleset, rulePathBeneath, attribute);
}

/** Allows `access` to one TCP port. */
export function allowPort(ruleset: number, port: number, access: bigint): number {
  const attribute = new DataView(new ArrayBuffer(16));
  attribute.setBigUint64(0, access, true);
  attribute.setBigUint64(8, BigInt(port), true);
  return addRule(ruleset, ruleNetPort, attribute);
}

function addRule(ruleset: number, kind: bigint, attribute: DataView): number {
  const [pointer] = place(new Uint8Array(attribute.buffer));
  return call(systemCallNumbers.landlock_add_rule, BigInt(ruleset), kind, pointer);
}

/** Restricts the calling thread, and what it will start, for good. Needs no_new_privs. */
export function restrictSelf(ruleset: number): number {
  return call(systemCallNumbers.landlock_restrict_self, BigInt(ruleset), 0n, 0n);
}

function call(number: number, a: bigint, b: bigint, c: bigint): number {
  return callResult(libc.syscall(BigInt(number), a, b, c, 0n, 0n, 0n));
}
