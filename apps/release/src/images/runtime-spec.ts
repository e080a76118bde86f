/** What Docker keeps of an image beside its layers, as far as it is read. */
export interface ImageConfig {
  /** `uid:gid` */
  readonly User: string;
  readonly WorkingDir?: string;
  readonly Env: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Healthcheck?: { readonly Test?: readonly string[] };
  readonly Labels?: Readonly<Record<string, string>>;
}

/** What runc reads to run an image as `docker run --read-only --cap-drop ALL --network host` does. */
export function runtimeSpec(root: string, config: ImageConfig, env: Readonly<Record<string, string>>): object {
  const [uid, gid] = config.User.split(':').map(Number);
  const shared = ['/etc/resolv.conf', '/etc/hosts'].map((file) => ({
    destination: file,
    type: 'bind',
    source: file,
    options: ['bind', 'ro'],
  }));
  return {
    ociVersion: '1.0.2',
    root: { path: root, readonly: true },
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
      ...shared,
    ],
    linux: { namespaces: ['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })) },
  };
}
