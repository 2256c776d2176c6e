import { args, env, print } from "./wasi";

// Says hello to whom its arguments name, and ends.
const names = args().slice(1);
print(`Hello, ${names.length > 0 ? names.join(" and ") : "world"}!`);
print(`I am ${env("POD_NAME", "nobody's pod")}, a WebAssembly module in a process of its own.`);
