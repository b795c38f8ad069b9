/**
 * A filter for the kernel that refuses what no job needs and holes were found in: other processes' memory, keyrings, typing
 * into terminals, loading programs into the kernel, and namespaces of its own, in which it would be root again.
 */

const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_ANY_BIT = 0x45;
const RETURN = 0x06;

const ALLOW = 0x7fff_0000;
const REFUSE = 0x0005_0001; // EPERM
const UNKNOWN = 0x0005_0026; // ENOSYS: a C library then takes the older call, whose arguments can be read here

// Where the kernel's description of a call holds its number, the machine, and the low halves of its first two arguments.
const NUMBER_AT = 0;
const MACHINE_AT = 4;
const FIRST_AT = 16;
const SECOND_AT = 24;

const NEW_USER_NAMESPACE = 0x1000_0000;
const TERMINAL_INPUT = 0x5412;
const CONSOLE_CONTROL = 0x541c;
/** Calls of the 32-bit-pointer variant of x86-64 have this bit: the same calls under other numbers. */
const OTHER_NUMBERS = 0x4000_0000;

interface Machine {
  readonly code: number;
  readonly ioctl: number;
  readonly clone: number;
  readonly unshare: number;
  readonly refused: readonly number[];
}

/** The same on every machine: io_uring_setup, pidfd_getfd. */
const REFUSED_EVERYWHERE = [425, 438];
const CLONE3 = 435;

/** Order: ptrace, process_vm_readv, process_vm_writev, add_key, request_key, keyctl, bpf, perf_event_open, userfaultfd, syslog. */
const MACHINES: Readonly<Record<string, Machine>> = {
  x64: { code: 0xc000_003e, ioctl: 16, clone: 56, unshare: 272, refused: [101, 310, 311, 248, 249, 250, 321, 298, 323, 103] },
  arm64: { code: 0xc000_00b7, ioctl: 29, clone: 220, unshare: 97, refused: [117, 270, 271, 217, 218, 219, 280, 241, 282, 116] },
};

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** Instructions left out when the condition holds, and when it does not. */
  readonly whenTrue?: number;
  readonly whenFalse?: number;
}

/** Refuses a call where `of` its argument says so; leaves the number of the call loaded. */
function refuseCall(number: number, argument: number, tests: readonly Instruction[]): Instruction[] {
  return [
    { code: JUMP_IF_EQUAL, value: number, whenFalse: tests.length + 3 },
    { code: LOAD_WORD, value: argument },
    ...tests.map((test, at) => ({ ...test, whenTrue: tests.length - 1 - at, whenFalse: at === tests.length - 1 ? 1 : 0 })),
    { code: RETURN, value: REFUSE },
    { code: LOAD_WORD, value: NUMBER_AT },
  ];
}

function programFor(machine: Machine): Instruction[] {
  return [
    { code: LOAD_WORD, value: MACHINE_AT },
    { code: JUMP_IF_EQUAL, value: machine.code, whenTrue: 1 },
    { code: RETURN, value: UNKNOWN },
    { code: LOAD_WORD, value: NUMBER_AT },
    { code: JUMP_IF_AT_LEAST, value: OTHER_NUMBERS, whenFalse: 1 },
    { code: RETURN, value: UNKNOWN },
    { code: JUMP_IF_EQUAL, value: CLONE3, whenFalse: 1 },
    { code: RETURN, value: UNKNOWN },
    ...[...machine.refused, ...REFUSED_EVERYWHERE].flatMap((number) => [
      { code: JUMP_IF_EQUAL, value: number, whenFalse: 1 },
      { code: RETURN, value: REFUSE },
    ]),
    ...refuseCall(machine.ioctl, SECOND_AT, [
      { code: JUMP_IF_EQUAL, value: TERMINAL_INPUT },
      { code: JUMP_IF_EQUAL, value: CONSOLE_CONTROL },
    ]),
    ...refuseCall(machine.clone, FIRST_AT, [{ code: JUMP_IF_ANY_BIT, value: NEW_USER_NAMESPACE }]),
    ...refuseCall(machine.unshare, FIRST_AT, [{ code: JUMP_IF_ANY_BIT, value: NEW_USER_NAMESPACE }]),
    { code: RETURN, value: ALLOW },
  ];
}

/** The filter as the kernel reads it (eight bytes per instruction); null for machines whose numbers are not known here. */
export function systemCallFilter(architecture: string): Buffer | null {
  const machine = MACHINES[architecture];
  if (machine === undefined) return null;
  const program = programFor(machine);
  const bytes = Buffer.alloc(program.length * 8);
  for (const [at, { code, value, whenTrue = 0, whenFalse = 0 }] of program.entries()) {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(whenTrue, at * 8 + 2);
    bytes.writeUInt8(whenFalse, at * 8 + 3);
    bytes.writeUInt32LE(value, at * 8 + 4);
  }
  return bytes;
}
