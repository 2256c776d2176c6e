import {
  auditArchitecture,
  type SystemCall,
  type SystemCallArchitecture,
  systemCallNumber,
} from '../../wasi/libc/syscall-numbers.ts';
import { BpfProgram } from './bpf-program.ts';
import type { ThreadPolicy } from './sandbox-policy.ts';
import {
  allowedSystemCalls,
  type CallByArgument,
  computationSystemCalls,
  networkSendingSystemCalls,
  networkSystemCalls,
  programSystemCalls,
  refusedSystemCalls,
  sendingSystemCalls,
  socketSystemCalls,
  threadSystemCalls,
  unsupportedSystemCalls,
} from './system-calls.ts';

const killProcess = 0x8000_0000;
const allow = 0x7fff_0000;
const fail = (errno: number): number => 0x0005_0000 | errno;
const nothing = 0;
const eperm = 1;
const enosys = 38;

/** Offsets in `struct seccomp_data`; arguments are 64 bits, little end first. */
const numberOffset = 0;
const architectureOffset = 4;
const argumentOffset = (index: number): number => 16 + index * 8;

/** In `struct sock_filter`. */
const instructionBytes = 8;
const operandOffset = 4;
/** No process has this id. */
const nobody = 0;

const dontFork = 10; // MADV_DONTFORK
const protExec = 0x4;
const mapAnonymous = 0x20;
const cloneThread = 0x1_0000;
const x32Bit = 0x4000_0000;

const internet = 2; // AF_INET
const internet6 = 10; // AF_INET6
const typeMask = 0xf; // SOCK_TYPE_MASK: the rest are flags
const stream = 1; // SOCK_STREAM
const datagram = 2; // SOCK_DGRAM
const defaultProtocol = 0;
const tcp = 6;
const udp = 17;
/** Of fcntl: to copy a descriptor, and to ask for and set its flags and those of its file. */
const descriptorCommands = [
  0, // F_DUPFD
  1, // F_GETFD
  2, // F_SETFD
  3, // F_GETFL
  4, // F_SETFL
  1030, // F_DUPFD_CLOEXEC
];
/** TCP_ULP */
const otherProtocol = 31;
/** MSG_FASTOPEN */
const connectBySending = 0x2000_0000;

const setThreadName = 15; // PR_SET_NAME
const itself = 0;
/** FIONBIO */
const setNonBlocking = 0x5421;
/** FIONREAD */
const countReadable = 0x541b;
/** TCGETS and TIOCGWINSZ: whether a descriptor is a terminal, and how large. */
const terminalQuestions = [0x5401, 0x5413];

export interface ContainerFilterInit {
  readonly architecture: SystemCallArchitecture;
  readonly threads: ThreadPolicy;
  /** Whether it opens sockets of the internet. @default what its threads need */
  readonly sockets?: boolean;
}

/**
 * The filter of container processes: an allowlist that kills on what no runtime would ask. A
 * program that is not our own, and may be of any version, is answered that there is no such call.
 *
 * Made once, so that a forked process has only its own number to write into it.
 */
export class ContainerFilter {
  readonly #program: Uint8Array;
  /** Where in the program the only process is named that may be signalled. */
  readonly #processIdAt: number;

  constructor({ architecture, threads, sockets }: ContainerFilterInit) {
    const filter = new Filter(architecture);
    filter.allowSending(sendingSystemCalls);
    filter.allowSocketOptions();
    filter.allowOnlyWith('fcntl', 1, descriptorCommands);
    if (threads === 'program') filter.allowProgram();
    for (const name of allowedSystemCalls) filter.answer(name, allow);
    if (threads !== 'single') for (const name of threadSystemCalls) filter.answer(name, allow);
    if (threads === 'event-loop') filter.allowEventLoop();
    else if (sockets) filter.allowSockets();
    filter.allowCountingOfInput();
    filter.allowMemoryButFilesAsCode();
    this.#processIdAt = filter.allowSignalsTo(nobody);
    if (threads === 'event-loop' || threads === 'program') filter.allowThreads();
    for (const name of unsupportedSystemCalls) filter.answer(name, fail(enosys));
    for (const name of refusedSystemCalls) filter.answer(name, fail(eperm));
    filter.answerNewerThan('landlock_restrict_self', fail(enosys));
    this.#program = filter.end(threads === 'program' ? fail(enosys) : killProcess);
  }

  /** The program for one process; valid until the next call. */
  for(processId: number): Uint8Array {
    const { buffer, byteOffset } = this.#program;
    new DataView(buffer, byteOffset).setUint32(this.#processIdAt, processId, true);
    return this.#program;
  }
}

/**
 * The filter of a process that computes with what it has: it opens and executes nothing, and reaches
 * nobody. What else it asks for it is refused.
 */
export function computationFilter(architecture: SystemCallArchitecture): Uint8Array {
  const filter = new Filter(architecture);
  for (const name of computationSystemCalls) filter.answer(name, allow);
  for (const name of threadSystemCalls) filter.answer(name, allow);
  return filter.allowMemoryButFilesAsCode().end(fail(eperm));
}

/**
 * The filter of what is forked: it and its children find no io_uring, whose rings a fork would
 * share, and their wish to keep memory from children is granted without being fulfilled.
 */
export function forkableFilter(architecture: SystemCallArchitecture): Uint8Array {
  return new Filter(architecture)
    .answer('io_uring_setup', fail(enosys))
    .giveMemoryToChildren()
    .end(allow);
}

class Filter {
  readonly #architecture: SystemCallArchitecture;
  readonly #program = new BpfProgram();

  constructor(architecture: SystemCallArchitecture) {
    this.#architecture = architecture;
    this.#program
      .load(architectureOffset)
      .ifEqual(auditArchitecture(architecture), { matches: 1 })
      .answer(killProcess)
      .load(numberOffset);
    // A second numbering that x86-64 processes may use for the same calls.
    if (architecture === 'x64')
      this.#program.ifAtLeast(x32Bit, { otherwise: 1 }).answer(killProcess);
  }

  answer(name: SystemCall, action: number): this {
    return this.#when(name, (program) => program.answer(action));
  }

  /** Code may be made by the engine, but not mapped from a file: no native library is loaded. */
  allowMemoryButFilesAsCode(): this {
    return this.#when('mmap', (program) =>
      program
        .load(argumentOffset(2))
        .ifAnyBit(protExec, { otherwise: 2 })
        .load(argumentOffset(3))
        .ifAnyBit(mapAnonymous, { otherwise: 1 })
        .answer(allow)
        .answer(fail(eperm)),
    );
  }

  giveMemoryToChildren(): this {
    return this.#when('madvise', (program) =>
      program
        .load(argumentOffset(2))
        .ifEqual(dontFork, { otherwise: 1 })
        .answer(fail(nothing))
        .answer(allow),
    );
  }

  /**
   * `abort` and `raise` work, nobody else is signalled. Returns where in the program's bytes the
   * process id is.
   */
  allowSignalsTo(processId: number): number {
    const before = 2; // is it tgkill? to which process?
    const at = (this.#program.length + before) * instructionBytes + operandOffset;
    this.#when('tgkill', (program) =>
      program
        .load(argumentOffset(0))
        .ifEqual(processId, { otherwise: 1 })
        .answer(allow)
        .answer(fail(eperm)),
    );
    return at;
  }

  /**
   * TCP, which Landlock holds to its ports, and UDP. No Unix sockets, behind which there may be
   * anybody: the machine's container runtime, say; and none of the protocols that Landlock does
   * not take for TCP although they reach the same servers, as MPTCP does. Types are asked for, too:
   * another may have a protocol of its own for its default one, as SCTP.
   */
  allowInternetSockets(): this {
    const [domain, type] = [argumentOffset(0), argumentOffset(1)];
    const protocol = argumentOffset(2);
    return this.#when('socket', (program) =>
      program
        .load(domain)
        .ifEqual(internet, { matches: 1 })
        .ifEqual(internet6, { otherwise: 9 })
        .load(type)
        .mask(typeMask)
        .ifEqual(stream, { matches: 1 })
        .ifEqual(datagram, { otherwise: 5 })
        .load(protocol)
        .ifEqual(defaultProtocol, { matches: 2 })
        .ifEqual(tcp, { matches: 1 })
        .ifEqual(udp, { otherwise: 1 })
        .answer(allow)
        .answer(fail(eperm)),
    );
  }

  /** Pairs of streams stay what they are; datagrams could be sent to any Unix socket. */
  allowStreamPairs(): this {
    const type = argumentOffset(1);
    return this.#when('socketpair', (program) =>
      program
        .load(type)
        .mask(typeMask)
        .ifEqual(stream, { otherwise: 1 })
        .answer(allow)
        .answer(fail(eperm)),
    );
  }

  /**
   * Sending, but not by a socket that is connected by it: Landlock is not asked. It is where a
   * `connect` is put off until something is sent.
   */
  allowSending(calls: readonly CallByArgument[]): this {
    for (const [name, flags] of calls) {
      this.#when(name, (program) =>
        program
          .load(argumentOffset(flags))
          .ifAnyBit(connectBySending, { otherwise: 1 })
          .answer(fail(eperm))
          .answer(allow),
      );
    }
    return this;
  }

  /**
   * Options of sockets, but not to have another protocol take the place of TCP: one of them, SMC, connects
   * by itself, and Landlock is not asked.
   */
  allowSocketOptions(): this {
    return this.#when('setsockopt', (program) =>
      program
        .load(argumentOffset(1))
        .ifEqual(tcp, { otherwise: 3 })
        .load(argumentOffset(2))
        .ifEqual(otherProtocol, { otherwise: 1 })
        .answer(fail(eperm))
        .answer(allow),
    );
  }

  allowThreads(): this {
    return this.#when('clone', (program) =>
      program
        .load(argumentOffset(0))
        .ifAnyBit(cloneThread, { otherwise: 1 })
        .answer(allow)
        .answer(fail(eperm)),
    );
  }

  /** A component's own sockets. */
  allowSockets(): this {
    for (const name of socketSystemCalls) this.answer(name, allow);
    return this.allowInternetSockets();
  }

  /** libuv's sockets, among them those that were opened before: it makes them non-blocking. */
  allowEventLoop(): this {
    for (const name of networkSystemCalls) this.answer(name, allow);
    this.allowSending(networkSendingSystemCalls);
    this.allowInternetSockets();
    return this.#allowWith('ioctl', 1, setNonBlocking);
  }

  /** How much a guest can read at once, which `poll_oneoff` tells. */
  allowCountingOfInput(): this {
    return this.#allowWith('ioctl', 1, countReadable);
  }

  /** To be loaded, to name its threads, and to know the limits of its stack. */
  allowProgram(): this {
    for (const name of programSystemCalls) this.answer(name, allow);
    this.allowStreamPairs();
    this.#allowWith('prctl', 0, setThreadName);
    this.#allowWith('prlimit64', 0, itself);
    for (const request of terminalQuestions) this.#allowWith('ioctl', 1, request);
    return this;
  }

  /**
   * Allows a call only where the low half of one argument has one of the values. By `fcntl` a process
   * could else take leases, which have others wait who open the file, and have others signalled.
   */
  allowOnlyWith(name: SystemCall, argument: number, values: readonly number[]): this {
    return this.#when(name, (program) => {
      program.load(argumentOffset(argument));
      const refusal = 1;
      for (const [index, value] of values.entries()) {
        program.ifEqual(value, { matches: values.length - 1 - index + refusal });
      }
      return program.answer(fail(eperm)).answer(allow);
    });
  }

  /** Allows a call where the low half of one argument has a value. */
  #allowWith(name: SystemCall, argument: number, value: number): this {
    const number = systemCallNumber(name, this.#architecture);
    if (number === undefined) return this;
    const test = new BpfProgram()
      .load(argumentOffset(argument))
      .ifEqual(value, { otherwise: 1 })
      .answer(allow)
      .load(numberOffset);
    this.#program.ifEqual(number, { otherwise: test.length }).append(test);
    return this;
  }

  /** Calls that this table does not know yet: a newer libc tries them and falls back. */
  answerNewerThan(name: SystemCall, action: number): this {
    const number = systemCallNumber(name, this.#architecture);
    if (number !== undefined) {
      this.#program.ifAtLeast(number + 1, { otherwise: 1 }).answer(action);
    }
    return this;
  }

  /** What happens to calls without an answer of their own. */
  end(action: number): Uint8Array {
    return this.#program.answer(action).bytes();
  }

  /** Adds instructions, all of which end in an answer, for one call. */
  #when(name: SystemCall, add: (program: BpfProgram) => BpfProgram): this {
    const number = systemCallNumber(name, this.#architecture);
    if (number === undefined) return this;
    const body = add(new BpfProgram());
    this.#program.ifEqual(number, { otherwise: body.length }).append(body);
    return this;
  }
}
