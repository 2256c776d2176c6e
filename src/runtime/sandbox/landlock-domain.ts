import { callResult } from '../../wasi/libc/call-result.ts';
import {
  allowBeneath,
  allowPort,
  createRuleset,
  landlockAbi,
  networkAccess,
  type RulesetAttributes,
  restrictSelf,
  scopes,
} from '../../wasi/libc/landlock.ts';
import { libc } from '../../wasi/libc/library.ts';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { closeFile, openFile } from '../../wasi/libc/plain-file.ts';
import { cString, place } from '../../wasi/libc/struct-page.ts';
import type { SandboxPart } from '../container-starter.ts';
import { must } from './sandbox-error.ts';
import type { FileRule, PortRule, SandboxPolicy } from './sandbox-policy.ts';

const lastFileRight = [0, 12, 13, 14, 14, 15] as const;

/** What the kernel's Landlock can restrict, and what it lacks. */
export interface LandlockSupport {
  readonly abi: number;
  readonly attributes: RulesetAttributes;
  readonly missing: readonly SandboxPart[];
}

/** Asks the kernel. Needs ABI 5 (Linux 6.10) for files, 4 for the network and 6 for scopes. */
export function landlockSupport(): LandlockSupport {
  const abi = Math.max(landlockAbi(), 0);
  const missing: SandboxPart[] = [];
  if (abi < 5) missing.push('landlock');
  if (abi < 4) missing.push('landlock-network');
  if (abi < 6) missing.push('landlock-scopes');
  const attributes = {
    fileAccess: abi === 0 ? 0n : (2n << BigInt(lastFileRight[abi] ?? 15)) - 1n,
    networkAccess: abi < 4 ? 0n : networkAccess.bindTcp | networkAccess.connectTcp,
    scopes: abi < 6 ? 0n : scopes.abstractUnixSockets | scopes.signals,
  };
  return { abi, attributes, missing };
}

/**
 * Confines the calling thread for good to the files and ports of `policy`. Needs no_new_privs.
 *
 * @throws {SandboxError} where the kernel refuses a step
 */
export function enterLandlockDomain(
  policy: Pick<SandboxPolicy, 'files' | 'tcp'>,
  support: LandlockSupport,
): void {
  const ruleset = prepareLandlockRuleset(policy, support);
  if (ruleset === undefined) return;
  must('enter the Landlock domain', restrictSelf(ruleset));
  closeFile(ruleset);
}

/** Makes the ruleset of a policy, which confines nobody yet; `undefined` without Landlock. */
export function prepareLandlockRuleset(
  policy: Pick<SandboxPolicy, 'files' | 'tcp'>,
  support: LandlockSupport,
): number | undefined {
  if (support.abi === 0) return undefined;
  const attributes = attributesFor(policy, support);
  const ruleset = must('create a Landlock ruleset', createRuleset(attributes));
  for (const rule of policy.files) {
    allowFiles(ruleset, rule, rule.access & support.attributes.fileAccess);
  }
  if (attributes.networkAccess !== 0n) allowPorts(ruleset, policy);
  return ruleset;
}

/** Ports are allowed one by one: where all are, that is not a matter of the ruleset. */
function attributesFor(
  { tcp }: Pick<SandboxPolicy, 'tcp'>,
  { attributes }: LandlockSupport,
): RulesetAttributes {
  const open =
    (tcp?.bind === 'any' ? networkAccess.bindTcp : 0n) |
    (tcp?.connect === 'any' ? networkAccess.connectTcp : 0n);
  return { ...attributes, networkAccess: attributes.networkAccess & ~open };
}

function allowFiles(ruleset: number, rule: FileRule, access: bigint): void {
  const fd = 'path' in rule ? openPath(rule.path) : openEntry(rule.directory, rule.name);
  try {
    const what = 'path' in rule ? rule.path : rule.name;
    must(`allow access to '${what}'`, allowBeneath(ruleset, fd, access));
  } finally {
    closeFile(fd);
  }
}

function openPath(path: string): number {
  return must(`open '${path}'`, openFile(path, openFlag.path));
}

function openEntry(directory: number, name: string): number {
  const [path] = place(cString(name));
  const flags = openFlag.path | openFlag.noFollow | openFlag.closeOnExec;
  return must(`open '${name}'`, callResult(libc.openat(directory, path, flags, 0)));
}

function allowPorts(
  ruleset: number,
  { tcp = { bind: [], connect: [] } }: Pick<SandboxPolicy, 'tcp'>,
): void {
  for (const port of named(tcp.bind)) {
    must(`allow to bind port ${port}`, allowPort(ruleset, port, networkAccess.bindTcp));
  }
  for (const port of named(tcp.connect)) {
    must(`allow to connect to port ${port}`, allowPort(ruleset, port, networkAccess.connectTcp));
  }
}

function named(rule: PortRule): readonly number[] {
  return rule === 'any' ? [] : rule;
}
