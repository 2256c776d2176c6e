import { NativeSystem } from '../../wasi/libc/native-system.ts';
import { Preview1Host } from '../../wasi/preview1/host.ts';
import { ContainerLog } from '../log/container-log.ts';

/**
 * (module
 *   (import "wasi_snapshot_preview1" "fd_write"
 *     (func $fd_write (param i32 i32 i32 i32) (result i32)))
 *   (import "wasi_snapshot_preview1" "clock_time_get"
 *     (func $clock_time_get (param i32 i64 i32) (result i32)))
 *   (memory (export "memory") 1)
 *   (data (i32.const 0) "\10\00\00\00\01\00\00\00")
 *   (data (i32.const 16) "\n")
 *   (func (export "_start")
 *     (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 24)))
 *     (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
 */
const newlineProgram =
  'AGFzbQEAAAABEwNgBH9/f38Bf2ADf35/AX9gAAACSwIWd2FzaV9zbmFwc2hvdF9wcmV2aWV3MQhmZF93cml0ZQAAFndhc2lf' +
  'c25hcHNob3RfcHJldmlldzEOY2xvY2tfdGltZV9nZXQAAQMCAQIFAwEAAQcTAgZtZW1vcnkCAAZfc3RhcnQAAgoYARYAQQBC' +
  'AEEYEAEaQQFBAEEBQQgQABoLCxQCAEEACwgQAAAAAQAAAABBEAsBCg==';

/**
 * Runs a small program to its end, as a container would, with its log going nowhere. The program
 * asks for no random numbers: what a zygote draws, all of its containers would know.
 */
export function runWarmUp(): void {
  const system = new NativeSystem();
  const log = new ContainerLog({ path: '/dev/null', maxBytes: 1, maxFiles: 1 }, system.clocks);
  log.open();
  const { stdout, stderr } = log;
  const init = {
    args: ['warm-up'],
    env: [{ name: 'HOME', value: '/' }],
    mounts: [{ hostPath: '/dev', guestPath: '/dev', readOnly: true }],
    stdio: { stdin: 0, stdout, stderr },
  };
  using host = new Preview1Host({ system }, init);
  host.prepare();
  host.run(new WebAssembly.Module(Buffer.from(newlineProgram, 'base64')));
  log.end();
}
