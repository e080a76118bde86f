// start.mjs <binary> [argument …]: builds, and becomes the command, in the folder where pnpm was called.
//
// For the `start` scripts. `pnpm --filter proxy start --config proxy.yaml` changes to the package's folder first, so
// that a relative path would not be what was typed; INIT_CWD is where that was. And a build that Ctrl-C ends would be
// a failure to pnpm (a red ELIFECYCLE), where somebody only changed their mind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('..', import.meta.url);
const SIGNALS = ['SIGINT', 'SIGTERM'];

const [binary, ...given] = process.argv.slice(2);
if (binary === undefined) throw new Error('start.mjs <binary> [argument …]');

const compiler = spawn('tsc', ['-b'], { cwd: fileURLToPath(ROOT), stdio: 'inherit' });
let stopped = false;
const stop = (signal) => {
  stopped = true;
  compiler.kill(signal);
};
for (const signal of SIGNALS) process.on(signal, stop);
const [code] = await once(compiler, 'exit');
if (stopped) process.exit(0);
if (code !== 0) process.exit(code ?? 1);

// As the binary does first of all; until it can, this process must not be deaf.
const { stopBeforeLoaded } = await import(new URL('packages/service/dist/command/stop-signals.js', ROOT));
stopBeforeLoaded(process);
for (const signal of SIGNALS) process.off(signal, stop);

process.chdir(process.env.INIT_CWD ?? process.cwd());
const path = new URL(binary, ROOT);
// pnpm passes on the -- that npm wants before arguments.
process.argv.splice(1, Number.POSITIVE_INFINITY, fileURLToPath(path), ...given.filter((word) => word !== '--'));
await import(path);
