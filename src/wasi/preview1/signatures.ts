import { experimentalHttpModule } from '../experimental-http/host-functions.ts';
import { preview1Module, unstableModule } from './imports.ts';

/** A function's type as WebAssembly has it: parameters and results, such as `i32`. */
export interface Signature {
  readonly parameters: readonly string[];
  readonly results: readonly string[];
}

const errno = ['i32'];

/** Parameters of preview1's functions that answer an error number: `i` is i32, `I` i64. */
export const preview1Parameters = {
  args_get: 'ii',
  args_sizes_get: 'ii',
  clock_res_get: 'ii',
  clock_time_get: 'iIi',
  environ_get: 'ii',
  environ_sizes_get: 'ii',
  fd_advise: 'iIIi',
  fd_allocate: 'iII',
  fd_close: 'i',
  fd_datasync: 'i',
  fd_fdstat_get: 'ii',
  fd_fdstat_set_flags: 'ii',
  fd_fdstat_set_rights: 'iII',
  fd_filestat_get: 'ii',
  fd_filestat_set_size: 'iI',
  fd_filestat_set_times: 'iIIi',
  fd_pread: 'iiiIi',
  fd_prestat_dir_name: 'iii',
  fd_prestat_get: 'ii',
  fd_pwrite: 'iiiIi',
  fd_read: 'iiii',
  fd_readdir: 'iiiIi',
  fd_renumber: 'ii',
  fd_seek: 'iIii',
  fd_sync: 'i',
  fd_tell: 'ii',
  fd_write: 'iiii',
  path_create_directory: 'iii',
  path_filestat_get: 'iiiii',
  path_filestat_set_times: 'iiiiIIi',
  path_link: 'iiiiiii',
  path_open: 'iiiiiIIii',
  path_readlink: 'iiiiii',
  path_remove_directory: 'iii',
  path_rename: 'iiiiii',
  path_symlink: 'iiiii',
  path_unlink_file: 'iii',
  poll_oneoff: 'iiii',
  proc_raise: 'i',
  random_get: 'ii',
  sched_yield: '',
  sock_accept: 'iii',
  sock_recv: 'iiiiii',
  sock_send: 'iiiii',
  sock_shutdown: 'ii',
} as const;

const experimentalHttp: Readonly<Record<string, string>> = {
  req: 'iiiiiiiiii',
  close: 'i',
  header_get: 'iiiiii',
  headers_get_all: 'iiii',
  body_read: 'iiii',
};

const procExit: Signature = { parameters: ['i32'], results: [] };

/** The types of all functions that a module can import, by their module and name. */
export const hostSignatures: ReadonlyMap<string, ReadonlyMap<string, Signature>> = new Map([
  [preview1Module, new Map([...signaturesOf(preview1Parameters), ['proc_exit', procExit]])],
  [
    unstableModule,
    new Map([...signaturesOf(preview1Parameters, ['sock_accept']), ['proc_exit', procExit]]),
  ],
  [experimentalHttpModule, signaturesOf(experimentalHttp)],
]);

function signaturesOf(
  functions: Readonly<Record<string, string>>,
  without: readonly string[] = [],
): Map<string, Signature> {
  const entries = Object.entries(functions).filter(([name]) => !without.includes(name));
  return new Map(
    entries.map(([name, parameters]) => [
      name,
      {
        parameters: Array.from(parameters, (letter) => (letter === 'I' ? 'i64' : 'i32')),
        results: errno,
      },
    ]),
  );
}
