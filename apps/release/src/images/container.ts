// Runs an image as Docker does: by runc, with the image's own user, entrypoint and variables, PID 1 of its
// own, a read-only root without any writable file system, no capabilities. The network is the host's.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../machine/run.js';
import { buildah, WORK } from './buildah.js';
import { type ImageConfig, runtimeSpec } from './runtime-spec.js';

const RUNC = ['--root', join(WORK, 'runc')];
const READY_MS = 60_000;
const POLL_MS = 20;
const STOP_MS = 45_000;
/** Far below `shutdown_grace` (30 s), and far above what a busy machine needs, ms. */
const EARLY_STOP_MS = 15_000;
const LOGS = join(WORK, 'logs');
const LOG_CHARACTERS = 2000;

/** An image whose file system is mounted. */
export interface OpenImage {
  readonly name: string;
  /** Where its file system is. */
  readonly root: string;
  readonly config: ImageConfig;
  /** How many layers it has. */
  readonly layers: number;
  close(): Promise<void>;
}

/** Mounts an image and reads its configuration. */
export async function openImage(name: string): Promise<OpenImage> {
  const container = await buildah('from', '--pull-never', name);
  const root = await buildah('mount', container);
  const told = JSON.parse(await buildah('inspect', '--type', 'image', name)) as {
    Docker: { config: ImageConfig };
    OCIv1: { rootfs: { diff_ids: string[] } };
  };
  return {
    name,
    root,
    config: told.Docker.config,
    layers: told.OCIv1.rootfs.diff_ids.length,
    async close() {
      await buildah('rm', container);
    },
  };
}

/** How a container is started. */
export interface ContainerOptions {
  readonly name: string;
  /** Over the image's own variables. */
  readonly env: Readonly<Record<string, string>>;
}

/** A process in a container. */
export interface Container {
  /** The exit code, or the signal's name; undefined while it runs. */
  exit(): number | string | undefined;
  log(): string;
  /** Runs a command inside. @returns what it printed */
  exec(args: readonly string[]): Promise<string>;
  /** Sends SIGTERM. @returns the exit code, or a sentence where it did not end in time */
  stop(limitMs?: number): Promise<number | string>;
}

/** A container whose service answers. */
export interface ReadyContainer extends Container {
  readonly url: string;
  /** From its start to the first 200 of /ready. */
  readonly readyMs: number;
}

/** Starts a container and waits for its service. @param url where /ready is asked @throws Error with the end of its log */
export async function startContainer(
  image: OpenImage,
  { url, ...options }: ContainerOptions & { readonly url: string },
): Promise<ReadyContainer> {
  const startedAt = performance.now();
  const container = await launch(image, options);
  while (!(await answersReady(url))) {
    if (container.exit() !== undefined || performance.now() - startedAt > READY_MS) {
      const code = await container.stop();
      throw new Error(`${options.name} was not ready (exit code ${code}):\n${container.log().slice(-LOG_CHARACTERS)}`);
    }
    await delay(POLL_MS);
  }
  return { ...container, url, readyMs: Math.round(performance.now() - startedAt) };
}

/**
 * The exit code of a container that gets SIGTERM as soon as its init passes signals on, before the service is up; or what
 * it was doing, where it did not end.
 */
export async function stopAtOnce(image: OpenImage, options: ContainerOptions): Promise<number | string> {
  const container = await launch(image, options);
  const init = () => container.exec(['cat', '/proc/1/status']).catch(() => '');
  while (container.exit() === undefined && !passesSignalsOn(await init())) await delay(POLL_MS);
  const code = await container.stop(EARLY_STOP_MS);
  return typeof code === 'number' ? code : `${code}:\n${container.log().slice(-LOG_CHARACTERS)}`;
}

/**
 * True once tini holds signals back to pass them on. The kernel drops what PID 1 of a namespace gets before that
 * (pid_namespaces(7)). Which it holds can't be seen while it waits for one; what it ignores it sets right after.
 */
function passesSignalsOn(status: string): boolean {
  return /^Name:\s*tini$/m.test(status) && !/^SigIgn:\s*0*$/m.test(status);
}

async function launch({ root, config }: OpenImage, { name, env }: ContainerOptions): Promise<Container> {
  const bundle = join(WORK, 'bundles', name);
  mkdirSync(bundle, { recursive: true });
  mkdirSync(LOGS, { recursive: true });
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(runtimeSpec(root, config, env)));
  await run('runc', [...RUNC, 'delete', '--force', name]).catch(() => undefined);

  const logFile = join(LOGS, `${name}.log`);
  const log = openSync(logFile, 'w');
  const child = spawn('runc', [...RUNC, 'run', '--bundle', bundle, name], { stdio: ['ignore', log, log] });
  closeSync(log);
  let exit: number | string | undefined;
  const exited = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      exit = code ?? signal ?? 'unknown';
      resolve(exit);
    });
  });
  return {
    exit: () => exit,
    log: () => readFileSync(logFile, 'utf8'),
    exec: (args) => run('runc', [...RUNC, 'exec', name, ...args]),
    async stop(limitMs = STOP_MS) {
      if (exit === undefined) await run('runc', [...RUNC, 'kill', name, 'TERM']).catch(() => undefined);
      const late = delay(limitMs, `none within ${limitMs / 1000} s`, { ref: false });
      const code = await Promise.race([exited, late]);
      if (exit === undefined) await run('runc', [...RUNC, 'delete', '--force', name]).catch(() => undefined);
      return code;
    },
  };
}

async function answersReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
