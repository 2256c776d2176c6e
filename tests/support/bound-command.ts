/**
 * The command line that runs a program and has the kernel end it with the process that starts it,
 * however that one ends: a run of tests that is killed leaves no control plane behind.
 *
 * {@link https://man7.org/linux/man-pages/man1/setpriv.1.html setpriv(1)} belongs to util-linux, as
 * unshare does.
 */
export function boundCommand(
  [program, ...args]: readonly [string, ...string[]],
  signal: 'KILL' | 'TERM' = 'KILL',
): readonly [string, readonly string[]] {
  return ['setpriv', ['--pdeathsig', signal, '--', program, ...args]];
}
