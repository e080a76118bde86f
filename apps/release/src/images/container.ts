// Runs an image as Docker does: by runc, with the image's own user, entrypoint and variables, PID 1 of its
// own, a read-only root without any writable file system, no capabilities. The network is the host's.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildah, run, WORK } from './machine.mjs';

const RUNC = ['--root', join(WORK, 'runc')];
const READY_MS = 60_000;
const STOP_MS = 45_000;
const EARLY_STOP_MS = 5000;
const LOGS = join(WORK, 'logs');

/** The image's file system, mounted, and its configuration. */
export async function openImage(image) {
  const container = await buildah('from', '--pull-never', image);
  const root = await buildah('mount', container);
  const { Docker, OCIv1 } = JSON.parse(await buildah('inspect', '--type', 'image', image));
  return {
    image,
    root,
    config: Docker.config,
    layers: OCIv1.rootfs.diff_ids.length,
    close: () => buildah('rm', container),
  };
}

/** Starts a container of an open image and waits for it; `url` is where /ready is asked. */
export async function startContainer(image, { name, env, url }) {
  const startedAt = performance.now();
  const container = await launch(image, name, env);
  while (!(await answersReady(url))) {
    if (container.exit() !== undefined || performance.now() - startedAt > READY_MS) {
      const code = await container.stop();
      throw new Error(`${name} was not ready (exit code ${code}):\n${container.log().slice(-2000)}`);
    }
    await delay(20);
  }
  return { ...container, url, readyMs: Math.round(performance.now() - startedAt) };
}

/** The exit code of a container that gets SIGTERM as soon as its PID 1 is there, before the service is up. */
export async function stopAtOnce(image, { name, env }) {
  const container = await launch(image, name, env);
  const init = () => container.exec(['cat', '/proc/1/comm']).catch(() => undefined);
  while (container.exit() === undefined && (await init()) !== 'tini') await delay(5);
  return container.stop(EARLY_STOP_MS);
}

async function launch({ root, config }, name, env) {
  const bundle = join(WORK, 'bundles', name);
  mkdirSync(bundle, { recursive: true });
  mkdirSync(LOGS, { recursive: true });
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec(root, config, env)));
  await run('runc', [...RUNC, 'delete', '--force', name]).catch(() => undefined);

  const logFile = join(LOGS, `${name}.log`);
  const log = openSync(logFile, 'w');
  const child = spawn('runc', [...RUNC, 'run', '--bundle', bundle, name], { stdio: ['ignore', log, log] });
  closeSync(log);
  let exit;
  const exited = new Promise((resolve) => {
    child.once('close', (code, signal) => {
      exit = code ?? signal;
      resolve(exit);
    });
  });
  return {
    /** The exit code; undefined while it runs. */
    exit: () => exit,
    log: () => readFileSync(logFile, 'utf8'),
    exec: (args) => run('runc', [...RUNC, 'exec', name, ...args]),
    /** The exit code after SIGTERM. */
    async stop(limitMs = STOP_MS) {
      if (exit === undefined) await run('runc', [...RUNC, 'kill', name, 'TERM']).catch(() => undefined);
      const code = await Promise.race([exited, delay(limitMs, `none within ${limitMs / 1000} s`, { ref: false })]);
      if (exit === undefined) await run('runc', [...RUNC, 'delete', '--force', name]).catch(() => undefined);
      return code;
    },
  };
}

async function answersReady(url) {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

function spec(path, config, env) {
  const [uid, gid] = config.User.split(':').map(Number);
  return {
    ociVersion: '1.0.2',
    root: { path, readonly: true },
    process: {
      terminal: false,
      user: { uid, gid },
      cwd: config.WorkingDir || '/',
      env: [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      args: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
      noNewPrivileges: true,
      capabilities: {},
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
      ...['/etc/resolv.conf', '/etc/hosts'].map((file) => ({
        destination: file,
        type: 'bind',
        source: file,
        options: ['bind', 'ro'],
      })),
    ],
    linux: { namespaces: ['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })) },
  };
}
