import { appendLine, args, env, exit, print, printError, readText, sleep, writeText } from "./wasi";

// Does what its arguments tell it, one after the other, so that a pod can be tried out without a
// module of its own. The commands of Krustlet 1's wasmerciser, and a few more:
//
//   assert_exists(source)  assert_not_exists(source)  assert_value(var:NAME)is(value)
//   read(source)to(var:NAME)  write(value)to(destination)  append(value)to(destination)
//   sleep(lit:MILLISECONDS)  follow(file:PATH)to(stm:stdout)  exit(lit:CODE)
//
// source: file:PATH env:NAME; value: lit:TEXT var:NAME file:PATH env:NAME;
// destination: file:PATH stm:stdout stm:stderr. `follow` writes a file anew whenever it changes.

const variables = new Map<string, string>();

print("INF: Let's wasmercise!");
const script = commands();
for (let i = 0; i < script.length; i++) run(script[i]);
print("INF: That's enough wasmercising for now; see you next test!");

function commands(): string[] {
  const given = args().slice(1);
  if (given.length > 0) return given;
  return env("WASMERCISER_RUN_SCRIPT", "").split(" ").filter((word) => word != "");
}

function run(command: string): void {
  const verb = command.slice(0, command.indexOf("("));
  const first = command.slice(verb.length + 1, command.indexOf(")"));
  const rest = command.slice(verb.length + first.length + 2);
  const second = rest.slice(rest.indexOf("(") + 1, rest.length - 1);
  if (verb == "assert_exists") assertExists(first);
  else if (verb == "assert_not_exists") assertNotExists(first);
  else if (verb == "assert_value") assertValue(first, second);
  else if (verb == "read") variables.set(textOf(second), valueOf(first));
  else if (verb == "write") write(valueOf(first), second);
  else if (verb == "append") appendLine(textOf(second), valueOf(first));
  else if (verb == "sleep") sleep(U64.parseInt(valueOf(first)));
  else if (verb == "follow") follow(first, second);
  else if (verb == "exit") exit(U32.parseInt(valueOf(first)));
  else fail(`Error parsing command '${command}': there is no such command`);
}

function assertExists(source: string): void {
  if (contentOf(source) != null) return;
  if (kindOf(source) == "file") fail(`File ${textOf(source)} was expected to exist but did not`);
  fail(`Env var ${textOf(source)} was supposed to exist but did not`);
}

function assertNotExists(source: string): void {
  if (contentOf(source) == null) return;
  if (kindOf(source) == "file") fail(`File ${textOf(source)} was expected NOT to exist but it did exist`);
  fail(`Env var ${textOf(source)} was supposed to NOT exist but it did exist`);
}

function assertValue(variable: string, wanted: string): void {
  const value = valueOf(variable);
  const expected = valueOf(wanted);
  if (value != expected) {
    fail(`Expected ${textOf(variable)} to have value '${expected}' but was '${value}'`);
  }
}

function write(text: string, destination: string): void {
  if (destination == "stm:stdout") print(text);
  else if (destination == "stm:stderr") printError(text);
  else if (!writeText(textOf(destination), text)) fail(`${destination} cannot be written`);
}

function follow(source: string, destination: string): void {
  let last = "";
  for (;;) {
    const content = contentOf(source);
    if (content != null && content != last) {
      last = content;
      write(last, destination);
    }
    sleep(50);
  }
}

function valueOf(value: string): string {
  if (kindOf(value) == "lit") return textOf(value);
  const content = contentOf(value);
  if (content == null) fail(`${value} has no value`);
  return content != null ? content : "";
}

function contentOf(source: string): string | null {
  const kind = kindOf(source);
  const text = textOf(source);
  if (kind == "file") return readText(text);
  if (kind == "var") return variables.has(text) ? variables.get(text) : null;
  const missing = "\0";
  const value = env(text, missing);
  return value == missing ? null : value;
}

function kindOf(value: string): string {
  return value.slice(0, value.indexOf(":"));
}

function textOf(value: string): string {
  return value.slice(value.indexOf(":") + 1);
}

function fail(message: string): void {
  print(`ERR: Failed with ${message}`);
  exit(1);
}
