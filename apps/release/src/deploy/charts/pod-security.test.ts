import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '../kubernetes-object.js';
import { restrictedMistakes } from './pod-security.js';

const container: Container = {
  name: 'app',
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  resources: { limits: { memory: '512Mi' } },
};
const pod = (rest: Partial<PodSpec> = {}, own: Partial<Container> = {}): PodSpec => ({
  automountServiceAccountToken: false,
  terminationGracePeriodSeconds: 40,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ ...container, ...own }],
  ...rest,
});

describe('restrictedMistakes', () => {
  it('finds none in a pod that keeps to the level', () => {
    expect(restrictedMistakes(pod())).toEqual([]);
  });

  it.each([
    ['the host’s network', pod({ hostNetwork: true }), 'hostNetwork is set'],
    ['a folder of the host', pod({ volumes: [{ name: 'a', hostPath: {} }] }), 'volume a is a hostPath'],
    ['root', pod({ securityContext: {} }), 'app may run as root'],
    ['capabilities', pod({}, { securityContext: {} }), 'app keeps capabilities'],
    ['a writable root', pod({}, { securityContext: {} }), 'app has a writable root'],
    ['no memory limit', pod({}, { resources: {} }), 'app has no memory limit'],
    ['a service account', pod({ automountServiceAccountToken: true }), 'the token of the service account is mounted'],
  ])('finds %s', (_, spec, mistake) => {
    expect(restrictedMistakes(spec)).toContain(mistake);
  });
});
