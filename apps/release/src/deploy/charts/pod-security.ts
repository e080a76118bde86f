// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
import type { Container, PodSpec, SecurityContext } from '../kubernetes-object.js';

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
export function restrictedMistakes(pod: PodSpec): string[] {
  const wrong: string[] = [];
  const demand = (holds: unknown, what: string) => void (holds || wrong.push(what));
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) demand(!pod[key], `${key} is set`);
  for (const volume of pod.volumes ?? []) {
    const type = Object.keys(volume).find((key) => key !== 'name') ?? 'nothing';
    demand(VOLUMES.includes(type), `volume ${volume.name} is a ${type}`);
  }
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    for (const [holds, what] of containerDemands(container, pod.securityContext ?? {})) {
      demand(holds, `${container.name} ${what}`);
    }
  }
  demand(pod.automountServiceAccountToken === false, 'the token of the service account is mounted');
  return wrong;
}

/** What has to hold, and what is wrong where it does not. */
function containerDemands(
  { securityContext: own = {}, ports = [], resources = {} }: Container,
  common: SecurityContext,
): [holds: unknown, what: string][] {
  return [
    [(own.runAsNonRoot ?? common.runAsNonRoot) === true, 'may run as root'],
    [(own.runAsUser ?? common.runAsUser) !== 0, 'runs as root'],
    [own.allowPrivilegeEscalation === false, 'may gain privileges'],
    [own.privileged !== true, 'is privileged'],
    [own.capabilities?.drop?.includes('ALL'), 'keeps capabilities'],
    [(own.capabilities?.add ?? []).every((added) => added === 'NET_BIND_SERVICE'), 'adds capabilities'],
    [(own.seccompProfile ?? common.seccompProfile)?.type === 'RuntimeDefault', 'has no seccomp profile'],
    [ports.every(({ hostPort }) => hostPort === undefined), 'takes a port of the host'],
    [own.readOnlyRootFilesystem === true, 'has a writable root'],
    [resources.limits?.memory, 'has no memory limit'],
  ];
}
