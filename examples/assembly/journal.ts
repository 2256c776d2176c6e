import { appendLine, env, now, print, sleep } from "./wasi";

// Writes a line into its journal now and then, until it is stopped.
const journal = "/journal/entries.txt";
const greeting = env("GREETING", "Nothing new");
const password = env("PASSWORD", "");

print(`The greeting is from a ConfigMap, the ${password.length} characters of the password from a Secret.`);
for (let entry = 1; ; entry++) {
  appendLine(journal, `${now()} ${greeting}`);
  print(`Entry ${entry} is in ${journal}`);
  sleep(500);
}
