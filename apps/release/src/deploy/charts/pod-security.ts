// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** What the level "restricted" would refuse of a pod, and what this project asks for beyond it. */
export function restrictedMistakes(pod) {
  const wrong = [];
  const demand = (holds, what) => holds || wrong.push(what);
  const common = pod.securityContext ?? {};
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) demand(!pod[key], `${key} is set`);
  for (const volume of pod.volumes ?? []) {
    const type = Object.keys(volume).find((key) => key !== 'name');
    demand(VOLUMES.includes(type), `volume ${volume.name} is a ${type}`);
  }
  for (const { name, securityContext: own = {}, ports = [], resources = {} } of [
    ...(pod.initContainers ?? []),
    ...pod.containers,
  ]) {
    demand((own.runAsNonRoot ?? common.runAsNonRoot) === true, `${name} may run as root`);
    demand((own.runAsUser ?? common.runAsUser) !== 0, `${name} runs as root`);
    demand(own.allowPrivilegeEscalation === false, `${name} may gain privileges`);
    demand(own.privileged !== true, `${name} is privileged`);
    demand(own.capabilities?.drop?.includes('ALL'), `${name} keeps capabilities`);
    demand(
      (own.capabilities?.add ?? []).every((added) => added === 'NET_BIND_SERVICE'),
      `${name} adds capabilities`,
    );
    demand((own.seccompProfile ?? common.seccompProfile)?.type === 'RuntimeDefault', `${name} has no seccomp profile`);
    demand(
      ports.every(({ hostPort }) => hostPort === undefined),
      `${name} takes a port of the host`,
    );
    demand(own.readOnlyRootFilesystem === true, `${name} has a writable root`);
    demand(resources.limits?.memory, `${name} has no memory limit`);
  }
  demand(pod.automountServiceAccountToken === false, 'the token of the service account is mounted');
  return wrong;
}
